"""What the package is built on: nothing that it replaces, itself from the bottom up, and little of the library."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mpreference"
LAYERS = (
    "errors finalizers log",
    "pickling handover",
    "streams waiting",
    "process",
    "starting",
    "addresses authentication sharing listeners connection",
    "heap semaphores locks conditions synchronize sharedctypes named_memory tracking shared_memory",
    "channels feeding queues",
    "managers pool dummy",
    "context",
    "mpreference",
)
"""The rooms, from the bottom up: at module level one imports what is below it or beside it, never what is above."""

FORBIDDEN = ("multiprocessing", "_multiprocessing", "concurrent.futures.process")
HEAVY = ("ctypes", "logging", "pathlib", "pickle", "selectors", "socket", "subprocess", "tempfile", "typing")
"""What a process does not import before it needs it."""

LIMIT = 60

LAYER = {room: number for number, rooms in enumerate(LAYERS) for room in rooms.split()}
MODULES = {
    ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): file
    for file in sorted(PACKAGE.rglob("*.py"))
}


def room(module: str) -> str:
    """Return the room that a module belongs to: the package itself, ``streams``, or ``pool`` for ``pool_tasks``."""
    name = module.split(".")[min(1, module.count("."))]
    return name if name in LAYER else name.partition("_")[0]


def at_once(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Give the statements that run when the module is imported: none in functions, and none for type checkers."""
    for node in body:
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                yield from at_once([child])
            elif isinstance(child, ast.ExceptHandler | ast.match_case):
                yield from at_once(child.body)


def imported(source: str, ever: bool = False) -> set[str]:
    """Return the names of the modules that the source imports when it is imported itself, or ``ever``."""
    tree = ast.parse(source)
    names = set()
    for node in ast.walk(tree) if ever else at_once(tree.body):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{ast.unparse(node)}: the package imports absolutely"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names |= {name if name in MODULES or name in FORBIDDEN else node.module for name in whole}
    return names


def test_imports_are_told_apart() -> None:
    source = """
import a
if TYPE_CHECKING:
    import b
try:
    import c
except ImportError:
    import d
class E:
    import e
    def f(self):
        import f
from concurrent.futures import process
from mpreference import errors, cpu_count
"""
    below = {"mpreference.errors", "mpreference", "concurrent.futures.process"}
    assert imported(source) == {"a", "c", "d", "e"} | below
    assert imported(source, ever=True) == {"a", "b", "c", "d", "e", "f"} | below


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_nothing_that_the_package_replaces(module: str) -> None:
    names = imported(MODULES[module].read_text(encoding="utf-8"), ever=True)
    wrong = [name for name in names if name in FORBIDDEN or name.startswith("multiprocessing.")]
    assert not wrong, f"{module} imports {wrong}"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_nothing_above_it(module: str) -> None:
    assert room(module) in LAYER, f"{module} is in no layer: say in LAYERS where it stands"
    ours = {name for name in imported(MODULES[module].read_text(encoding="utf-8")) if name.startswith(PACKAGE.name)}
    above = sorted(name for name in ours if LAYER.get(room(name), len(LAYERS)) > LAYER[room(module)])
    assert not above, f"{module} imports {above} at module level, which are above it"


def test_no_module_is_imported_while_it_imports() -> None:
    graph = {module: imported(file.read_text(encoding="utf-8")) & set(MODULES) for module, file in MODULES.items()}
    try:
        list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        raise AssertionError(f"modules import each other: {' imports '.join(reversed(error.args[1]))}") from error


def run(*command: str) -> list[str]:
    """Return the words that a fresh interpreter prints, one that has the standard library and the package alone."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", *command], capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


def test_importing_the_package_is_light() -> None:
    names = run("-c", f"import sys; sys.path.append({str(PACKAGE.parent)!r}); import mpreference; print(*sys.modules)")
    assert "mpreference" in names
    assert not {*HEAVY, *FORBIDDEN} & {*names}
    ours = {name for name in names if name.startswith("mpreference.")}
    assert ours <= {f"mpreference.{name}" for name in ("context", "errors", "finalizers", "handover", "log", "process")}


LIGHT = f"""
import sys

sys.path.append({str(PACKAGE.parent)!r})
import mpreference

def show():
    print(*sys.modules)

if __name__ == "__main__":
    child = mpreference.get_context("spawn").Process(target=show)
    child.start()
    child.join()
"""


def test_a_spawned_child_is_light(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(LIGHT)
    names = run(str(tmp_path / "program.py"))
    assert "__mp_main__" in names
    assert {*HEAVY, *FORBIDDEN} & {*names} <= {"pickle"}, "a child needs to unpickle itself, and nothing more"


PARTS = """
import sys

sys.path.append({place!r})
import mpreference
from mpreference import connection, dummy, managers, shared_memory

FORBIDDEN = {forbidden}

def found():
    return [name for name in sys.modules if name in FORBIDDEN or name.startswith("multiprocessing.")]

def use(*shared):
    print(*found(), flush=True)

def main(method):
    ctx = mpreference.get_context(method)
    ctx.log_to_stderr("ERROR")
    shared = [*ctx.Pipe()]
    shared += [ctx.Lock(), ctx.RLock(), ctx.Semaphore(), ctx.Condition(), ctx.Event(), ctx.Barrier(2)]
    shared += [ctx.Queue(), ctx.JoinableQueue(), ctx.SimpleQueue()]
    shared += [ctx.Value('i'), ctx.Array('d', 3)]
    dummy.Array('i', 3)
    shared += [shared_memory.ShareableList([1]), connection.Listener().address]
    pool = ctx.Pool(1)
    print(*pool.apply(found))
    pool.close()
    pool.join()
    dummy.Pool(1).terminate()
    managers.SyncManager.register("found", found)
    manager = ctx.Manager()
    print(*manager.found()._getvalue())
    shared += [manager.list(), manager.Queue(), manager.Namespace()]
    child = ctx.Process(target=use, args=shared)
    child.start()
    child.join()
    print("exit-code", child.exitcode, *found())

if __name__ == "__main__":
    main(sys.argv[1])
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_nothing_that_the_package_replaces_is_ever_there(tmp_path: Path, method: str) -> None:
    program = PARTS.format(place=str(PACKAGE.parent), forbidden=FORBIDDEN)
    (tmp_path / "program.py").write_text(program)
    names = run(str(tmp_path / "program.py"), method)
    assert names == ["exit-code", "0"], f"a program that uses all parts, or a child of it, has imported {names}"
