"""Turning one test into a script that stands alone: the backend, the test and what it uses, nothing else.

The script is put together from source, not from objects: starting at the test, every name that it
uses is looked up in its module; what comes from the suite (the kit, the section) is written out and
followed in turn, what comes from elsewhere is imported. Modules of the suite therefore import names
from each other, never modules.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import textwrap
from pathlib import Path

import pytest

from mpconform.harness.judging import Cell
from mpconform.kit import marks
from mpconform.registry import Registry
from mpreports.verdicts import Verdict

SUITE = "mpconform"

BACKEND = """\
def backend():
    return mp
"""

FIXTURES = {
    "mp": "mp",
    "start_method": "START_METHOD",
    "patience": "Patience()",
    "scratch": "scratch",
    "gate": "scratch.gate()",
    "latch": "scratch.latch()",
    "journal": "scratch.journal()",
    "program": "Program(scratch, PRELUDE)",
    "observe": "print",
}
"""How the script makes what each fixture of the kit gives."""


KEPT = """\
    with tempfile.TemporaryDirectory() as folder:
        scratch = Scratch(folder)
        {call}
    print("the promise is kept")
"""

LEAKS = """\
    for _ in range(4):
        with tempfile.TemporaryDirectory() as folder:
            scratch = Scratch(folder)
            {call}
        print(len(os.listdir("/dev/fd")), "descriptors,", threading.active_count(), "threads,", end=" ")
        print("left in the temporary folder:", os.listdir(tempfile.gettempdir()))
"""


def standalone(item: pytest.Item, cell: Cell, registry: Registry, verdict: Verdict) -> str:
    """Return the script that runs this test against the backend of the cell; it needs neither pytest nor the suite.

    It does what the test does: ends with an uncaught exception, hangs or crashes if the promise is broken. For a
    leak, which no exception tells, it counts what is left after each of some runs.
    """
    assert isinstance(item, pytest.Function)
    collector = Collector()
    test = item.originalname
    module = item.function.__module__
    if hasattr(item.function, "hypothesis"):
        module = item.function.hypothesis.inner_test.__module__
    collector.add(module, test)
    fixtures = [name for name in parameters(module, test) if name in FIXTURES]
    arguments = [f"{name}={FIXTURES[name]}" for name in fixtures]
    collector.add("mpconform.kit", "Scratch")
    if "patience" in fixtures:
        collector.add("mpconform.kit", "Patience")
    if "program" in fixtures:
        collector.add("mpconform.kit.program", "Program")
    callspec = getattr(item, "callspec", None)
    for name, index in callspec.indices.items() if callspec else ():
        values = collector.values(module, test, name)
        arguments.append(f"{name}=list({values})[{index}]")
    ids: tuple[str, ...] = getattr(item.function, marks.VERIFIES, ())
    promises = [
        f"#   {id_}: {line}" if number == 0 else f"#   {line}"
        for id_ in ids
        for number, line in enumerate(textwrap.wrap(registry.get(id_).says, 100))
    ]
    links = [f"#   {registry.get(id_).link}" for id_ in ids]
    collector.imports |= {"import tempfile"} | ({"import os", "import threading"} if verdict == Verdict.LEAK else set())
    prelude = cell.adapter.source(cell.start_method)
    lines = [
        "from __future__ import annotations",
        "",
        f"# Does {cell.adapter.name} under {cell.start_method} keep this promise? It says so at the end.",
        *promises,
        *dict.fromkeys(links),
        "",
        prelude,
        f"START_METHOD = {cell.start_method!r}",
        f"PRELUDE = {prelude!r}" if "program" in fixtures else "",
        "",
        *sorted(collector.imports),
        "",
        "",
        "\n\n".join(collector.written.values()),
        "",
        'if __name__ == "__main__":',
        (LEAKS if verdict == Verdict.LEAK else KEPT).format(call=f"{test}({', '.join(arguments)})"),
    ]
    return "\n".join(lines)


class Collector:
    """Collects the definitions that a name depends on, each after those that it uses."""

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.written: dict[str, str] = {}
        self.seen: set[tuple[str, str]] = set()

    def add(self, module: str, name: str) -> None:
        """Collect what ``name`` is in ``module``, and all that it depends on; nothing if it is a builtin."""
        if (module, name) in self.seen:
            return
        self.seen.add((module, name))
        node = definitions(module).get(name)
        if node is None:
            return
        if name == "backend":
            self.written[name] = BACKEND
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == SUITE:
            original = next(alias.name for alias in node.names if (alias.asname or alias.name) == name)
            self.add(node.module or "", original)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            alias = next(alias for alias in node.names if (alias.asname or alias.name.split(".")[0]) == name)
            one = ast.Import([alias]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [alias], 0)
            if getattr(node, "module", None) != "__future__":
                self.imports.add(ast.unparse(one))
        else:
            bare = stripped(node)
            for used in names_in(bare):
                self.add(module, used)
            self.written[name] = ast.unparse(bare)

    def values(self, module: str, test: str, argument: str) -> str:
        """Collect what the values of an ``each`` mark depend on, and return them as an expression."""
        function = definitions(module)[test]
        assert isinstance(function, ast.FunctionDef)
        for decorator in function.decorator_list:
            if called(decorator) == "each" and isinstance(decorator, ast.Call):
                name, values = decorator.args
                if isinstance(name, ast.Constant) and name.value == argument:
                    for used in names_in(values):
                        self.add(module, used)
                    return ast.unparse(values)
        raise ValueError(f"{module}.{test} has no @each for {argument!r}")


@functools.cache
def definitions(module: str) -> dict[str, ast.stmt]:
    """Return the statements at the top level of a module that bind a name, by name."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    found: dict[str, ast.stmt] = {}
    for node in ast.parse(Path(spec.origin).read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = node
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        found[name.id] = node
    return found


def parameters(module: str, test: str) -> list[str]:
    """Return the names of the parameters of a test."""
    function = definitions(module)[test]
    assert isinstance(function, ast.FunctionDef)
    return [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]


def called(decorator: ast.expr) -> str:
    """Return the plain name of what a decorator calls, or nothing."""
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return function.id if isinstance(function, ast.Name) else ""


class Stripping(ast.NodeTransformer):
    """Takes docstrings, annotations and the marks of the kit away."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Strip a function."""
        self.generic_visit(node)
        node.returns = None
        node.decorator_list = [one for one in node.decorator_list if called(one) not in ("verifies", "each")]
        node.body = without_docstring(node.body)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """Strip a class."""
        if called(next(iter(node.decorator_list), ast.Constant(None))) != "dataclass":
            self.generic_visit(node)
        node.body = without_docstring(node.body)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Strip an argument."""
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        """Make an annotated assignment a plain one, and nothing of a mere annotation."""
        if node.value is None:
            return None
        return ast.Assign([node.target], node.value, lineno=node.lineno)


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the body of a function or class without its docstring; ``pass`` if that was all."""
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        body = body[1:]
    return body or [ast.Pass()]


def stripped(node: ast.stmt) -> ast.stmt:
    """Return a copy of a statement without docstrings, annotations and the marks of the kit."""
    copy = Stripping().visit(ast.parse(ast.unparse(node)).body[0])
    assert isinstance(copy, ast.stmt)
    return ast.fix_missing_locations(copy)


def names_in(node: ast.AST) -> list[str]:
    """Return the names that are read in a piece of code, in order."""
    found = [name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load)]
    return list(dict.fromkeys(found))
