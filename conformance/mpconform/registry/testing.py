"""Which tests verify which requirement, read from the source of the section modules without importing them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mpconform.registry.loading import section_names
from mpconform.registry.model import RegistryError
from mpconform.registry.signatures import ids


@dataclass(frozen=True, slots=True)
class TestRef:
    """One test of the suite: where it stands and what it says."""

    __test__ = False  # pytest, which takes a class of this name for a group of tests

    file: Path
    line: int
    name: str
    docstring: str
    source: str
    requirements: tuple[str, ...]
    arguments: tuple[str, ...]
    """The fixtures and values that the test takes."""


@dataclass(frozen=True, slots=True)
class SectionModule:
    """One Python file of a section."""

    file: Path
    text: str
    tree: ast.Module

    @property
    def collected(self) -> bool:
        """Whether pytest looks for tests in it."""
        return self.file.name.startswith("test_")

    def functions(self) -> Iterator[ast.FunctionDef]:
        """Yield the functions at the module's level."""
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef):
                yield node

    def tests(self) -> Iterator[TestRef]:
        """Yield the module's tests, in order."""
        if not self.collected:
            return
        for node in self.functions():
            if node.name.startswith("test_"):
                yield self.test(node)

    def test(self, node: ast.FunctionDef) -> TestRef:
        """Return what there is to know of one test."""
        lines = self.text.splitlines()
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        return TestRef(
            file=self.file,
            line=node.lineno,
            name=node.name,
            docstring=ast.get_docstring(node) or "",
            source="\n".join(lines[first - 1 : node.end_lineno]),
            requirements=tuple(dict.fromkeys([*filter(None, verified(node)), *self.tabled(node)])),
            arguments=tuple(argument.arg for argument in arguments),
        )

    def tabled(self, node: ast.FunctionDef) -> list[str]:
        """Return the ids that a test verifies one by one, for each entry of the section's table."""
        return [ident for template in templates(node) for ident in ids(self.file.parent, template)]


def templates(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Return how the ids are made that a function with ``@verifies_each`` verifies."""
    calls = [decorator for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
    return [ast.literal_eval(call.args[0]) for call in calls if called_name(call) == "verifies_each"]


def verified(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str | None]:
    """Return the arguments of a function's ``@verifies``; None stands for one that is no plain string."""
    found: list[str | None] = []
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and called_name(decorator) == "verifies":
            for argument in decorator.args:
                plain = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                found.append(argument.value if plain else None)  # type: ignore[attr-defined]
    return found


def called_name(call: ast.Call) -> str:
    """Return the last part of the name of what is called: ``sleep`` for ``time.sleep()``."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def read_module(file: Path) -> SectionModule:
    """Return a module of a section; raise :class:`RegistryError` if it is no valid Python."""
    try:
        text = file.read_text(encoding="utf-8")
        return SectionModule(file, text, ast.parse(text))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise RegistryError(f"no valid Python: {error}", file, line) from None


def module_files(root: Path) -> Iterator[Path]:
    """Yield the Python files of all sections below ``root``, in order."""
    for section in section_names(root):
        yield from sorted((root / section).rglob("*.py"))


def tests_by_requirement(root: Path) -> dict[str, list[TestRef]]:
    """Return the tests of each id that a test below ``root`` names, whether or not the registry knows it.

    Raises :class:`RegistryError` if a module is no valid Python.
    """
    found: dict[str, list[TestRef]] = {}
    for file in module_files(root):
        for test in read_module(file).tests():
            for ident in test.requirements:
                found.setdefault(ident, []).append(test)
    return found
