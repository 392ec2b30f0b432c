"""How the suite is put together: what it uses of pytest is public, no import goes in a circle, few are late."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import mpconform

ROOT = Path(mpconform.__file__).parent

KNOWN_LATE = {
    # A command is loaded when it is called, and so are the errors that may end it, and what only some of its options
    # need: `mpconform --help` imports next to nothing.
    "cli/__init__.py": 1,
    "cli/errors.py": 4,
    "cli/listing.py": 4,
    "cli/backends.py": 1,
    # A child that only imports the kit pays for no adapter.
    "kit/cell.py": 2,
}
"""How many late imports of our own there are in which file, and why."""

OF_OURS = ("mpconform", "mpadapters", "mpreports")

FILES = sorted(path for path in ROOT.rglob("*.py") if "sections" not in path.relative_to(ROOT).parts)


def name_of(path: Path) -> str:
    """Return the name of the module in a file."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(body: ast.AST, *, late: bool = False) -> Iterator[str]:
    """Yield what a module imports of ours when it is imported itself, or else later, in its functions."""

    def visit(node: ast.AST, inside: bool) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                yield from visit(child, True)
            elif isinstance(child, ast.Import) and inside == late:
                yield from (alias.name for alias in child.names)
            elif isinstance(child, ast.ImportFrom) and inside == late:
                for alias in child.names:
                    whole = f"{child.module}.{alias.name}"
                    yield whole if whole in MODULES else str(child.module)
            else:
                yield from visit(child, inside)

    yield from (name for name in visit(body, False) if name.partition(".")[0] in OF_OURS)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_private_of_pytest_is_used(path: Path) -> None:
    text = path.read_text()
    for word in ("_pytest", "WorkerInteractor", "workerinput", "xdist.", "import xdist", "execnet"):
        assert word not in text, f"{path} uses {word}"
    owners = ("item", "session", "config", "report", "request", "manager", "hook", "excinfo", "metafunc", "callspec")
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            owner = ast.unparse(node.value)
            assert owner.rpartition(".")[2] not in owners, f"{path}:{node.lineno}: {ast.unparse(node)}"


def test_no_import_goes_in_a_circle() -> None:
    graph = {
        name: {found for found in imports(tree_of(path)) if found in MODULES and found != name}
        for name, path in MODULES.items()
    }
    done: set[str] = set()

    def follow(name: str, way: list[str]) -> None:
        assert name not in way, " imports ".join([*way[way.index(name) :], name])
        if name not in done:
            for other in sorted(graph[name]):
                follow(other, [*way, name])
            done.add(name)

    for name in sorted(graph):
        follow(name, [])


def test_the_kit_imports_nothing_of_the_harness() -> None:
    for name, path in MODULES.items():
        if name.startswith("mpconform.kit"):
            wrong = [found for found in imports(tree_of(path)) if not found.startswith(("mpconform.kit", "mpadapters"))]
            assert wrong == [], f"{name} imports {wrong}"


@pytest.mark.parametrize(
    ("package", "not_known"),
    [
        ("mpconform.isolation", ("mpconform.plugin", "mpconform.cli", "mpconform.registry", "mpconform.reproducing")),
        ("mpconform.registry", ("mpconform.plugin", "mpconform.cli", "mpconform.isolation", "mpconform.reproducing")),
        ("mpconform.reproducing", ("mpconform.plugin", "mpconform.cli", "mpconform.isolation")),
        ("mpconform.plugin", ("mpconform.cli",)),
    ],
)
def test_imports_run_one_way(package: str, not_known: tuple[str, ...]) -> None:
    for name, path in MODULES.items():
        if name == package or name.startswith(f"{package}."):
            for late in (False, True):
                wrong = [found for found in imports(tree_of(path), late=late) if found.startswith(not_known)]
                assert wrong == [], f"{name} imports {wrong}"


def test_late_imports_are_counted() -> None:
    found = {}
    for path in FILES:
        number = len(list(imports(tree_of(path), late=True)))
        if number:
            found[path.relative_to(ROOT).as_posix()] = number
    assert found == KNOWN_LATE, "late imports hide what depends on what: import at the top, or say here why not"
