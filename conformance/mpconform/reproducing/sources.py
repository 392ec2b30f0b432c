"""Reading the modules of the suite as source: what each name at their top level is, and what that uses.

A definition is given as its author wrote it, with comments and line breaks, but without what only the
suite understands: the marks of the kit, and the annotations, whose names may not exist at run time.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mpconform.registry.testing import called_name, read_module

MARKS = ("verifies", "verifies_each", "each")

PRAGMA = re.compile(r"  # (type: ignore|noqa|fmt:).*$", re.MULTILINE)


class Source:
    """The text of a module; its syntax tree counts in bytes."""

    def __init__(self, text: str) -> None:
        self.text = text.encode()
        self.starts = [0]
        """Where each line begins."""
        for line in self.text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))


@dataclass(frozen=True)
class Definition:
    """A statement at the top level of a module."""

    node: ast.stmt
    source: Source
    """The module that it is in."""

    @functools.cached_property
    def text(self) -> str:
        """Its source, bare of marks and annotations."""
        return _bare(self.source, self.node)

    def parameters(self) -> list[str]:
        """Return the names of the parameters of the function that it defines."""
        assert isinstance(self.node, ast.FunctionDef)
        return [argument.arg for argument in (*self.node.args.args, *self.node.args.kwonlyargs)]

    def values(self, argument: str) -> ast.expr:
        """Return the values that an ``each`` mark gives for this argument."""
        assert isinstance(self.node, ast.FunctionDef)
        for decorator in self.node.decorator_list:
            if isinstance(decorator, ast.Call) and called_name(decorator) == "each":
                name, values = decorator.args
                if isinstance(name, ast.Constant) and name.value == argument:
                    return values
        raise ValueError(f"{self.node.name} has no @each for {argument!r}")

    @functools.cached_property
    def names(self) -> tuple[list[str], list[str]]:
        """The names that must be there when the statement is executed, and those that it uses only later."""
        [bare] = ast.parse(self.text).body
        if not isinstance(bare, ast.FunctionDef):
            return names_in(bare), []
        at_once = [*bare.decorator_list, *bare.args.defaults, *(one for one in bare.args.kw_defaults if one)]
        return names_in(*at_once), names_in(*bare.body)


@functools.cache
def definitions(module: str) -> dict[str, Definition]:
    """Return the statements at the top level of a module that bind a name, by name."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    read = read_module(Path(spec.origin))
    source = Source(read.text)
    found: dict[str, Definition] = {}
    for node in read.tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = Definition(node, source)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = Definition(node, source)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        found[name.id] = Definition(node, source)
    return found


def names_in(*nodes: ast.AST) -> list[str]:
    """Return the names that are read in pieces of code, in order."""
    names = [name for node in nodes for name in ast.walk(node) if isinstance(name, ast.Name)]
    return list(dict.fromkeys(name.id for name in names if isinstance(name.ctx, ast.Load)))


def _bare(module: Source, node: ast.stmt) -> str:
    """Return the source of a statement without marks and annotations."""
    source, starts = module.text, module.starts

    def begin(part: ast.expr | ast.stmt | ast.arg) -> int:
        return starts[part.lineno - 1] + part.col_offset

    def end(part: ast.expr | ast.stmt | ast.arg) -> int:
        return starts[(part.end_lineno or 0) - 1] + (part.end_col_offset or 0)

    def cuts() -> Iterator[tuple[int, int, bytes]]:  # where each begins and ends, and what comes in its place
        fields = {id(field) for outer in ast.walk(node) if isinstance(outer, ast.ClassDef) for field in outer.body}
        for part in ast.walk(node):
            if isinstance(part, ast.FunctionDef):
                for decorator in part.decorator_list:
                    if isinstance(decorator, ast.Call) and called_name(decorator) in MARKS:
                        yield starts[decorator.lineno - 1], starts[decorator.end_lineno or 0], b""
                if part.returns:
                    yield source.rindex(b" ->", 0, begin(part.returns)), end(part.returns), b""
            elif isinstance(part, ast.arg) and part.annotation:
                default = b" = " if source.startswith(b" = ", end(part.annotation)) else b""
                yield begin(part) + len(part.arg.encode()), end(part.annotation) + len(default), default.strip()
            elif isinstance(part, ast.AnnAssign) and part.value and id(part) not in fields:
                # The fields of a class are what they are by their annotations.
                yield end(part.target), end(part.annotation), b""

    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    here = starts[first - 1]
    parts = []
    for cut_begin, cut_end, instead in sorted(cuts()):
        parts += [source[here:cut_begin], instead]
        here = cut_end
    parts.append(source[here : starts[node.end_lineno or 0]])
    return PRAGMA.sub("", b"".join(parts).decode()).rstrip()
