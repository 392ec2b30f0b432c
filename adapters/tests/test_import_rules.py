"""Imports run one way, and the package that every child imports is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AREAS = {
    "mpreference": ROOT / "reference" / "mpreference",
    "mpadapters": ROOT / "adapters" / "mpadapters",
    "mpreports": ROOT / "reports" / "mpreports",
    "mpconform": ROOT / "conformance" / "mpconform",
}
MAY_IMPORT = {
    "mpreference": set[str](),
    "mpadapters": set[str](),
    "mpreports": set[str](),
    "mpconform": {"mpadapters", "mpreports"},
}
HEAVY = ["pytest", "hypothesis", "rich", "click", "jinja2", "packaging", "tomlkit", "psutil", "importlib.metadata"]
SLOW = ["inspect", "typing", "pathlib", "dataclasses", "subprocess", "difflib", "json", "re", "tempfile", "platform"]


def imported(source: str) -> set[str]:
    """Return the top-level packages that the source imports, at any depth of it, also by import_module("name")."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
        elif isinstance(node, ast.Call) and "import_module" in ast.unparse(node.func) and node.args:
            named = node.args[0]
            if isinstance(named, ast.Constant) and isinstance(named.value, str):
                names.add(named.value)
    return {name.split(".")[0] for name in names}


def test_imports_are_seen_wherever_they_stand() -> None:
    source = "import a.b, c\nfrom d.e import f\nfrom . import g\ndef h():\n    import i\nimportlib.import_module('j.k')"
    assert imported(source) == {"a", "c", "d", "i", "j"}


@pytest.mark.parametrize("area", AREAS)
def test_an_area_imports_only_the_areas_that_it_may(area: str) -> None:
    files = sorted(AREAS[area].rglob("*.py"))
    assert files, f"{AREAS[area]} has no modules: the test looks in the wrong place"
    forbidden = set(AREAS) - MAY_IMPORT[area] - {area}
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files
        for name in sorted(imported(file.read_text(encoding="utf-8")) & forbidden)
    ]
    assert not wrong, f"{area} may import of the other areas only {MAY_IMPORT[area] or 'none'}: {wrong}"


def test_the_reference_imports_nothing_of_what_it_stands_for() -> None:
    wrong = [
        str(file.relative_to(ROOT))
        for file in sorted(AREAS["mpreference"].rglob("*.py"))
        if imported(file.read_text(encoding="utf-8")) & {"multiprocessing", "_multiprocessing"}
    ]
    assert not wrong, f"the reference never imports multiprocessing: {wrong}"


def test_importing_mpadapters_in_a_child_loads_nothing_heavy() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(AREAS['mpadapters'].parent)!r}); import mpadapters; "
        "mpadapters.load('mpadapters.builtin:Stdlib'); print(*sys.modules)"
    )
    # -I -S: no .pth file of another distribution may load modules that are then taken for ours.
    loaded = subprocess.check_output([sys.executable, "-I", "-S", "-c", code], text=True).split()
    assert "mpadapters" in loaded
    wrong = [name for name in HEAVY + SLOW if name in loaded]
    assert not wrong, f"import mpadapters loads {wrong}: every child pays for it; import them where they are used"


POSIX_ONLY = {
    "os": ("fork", "killpg", "getpgid", "setsid", "waitid", "wait", "WNOHANG", "WEXITED", "P_ALL", "getuid", "uname"),
    "signal": ("SIGKILL", "SIGCHLD", "SIGHUP", "SIGALRM", "SIGUSR1", "pthread_kill", "alarm", "pthread_sigmask"),
}


def test_every_module_of_the_adapters_is_imported_where_there_is_no_posix() -> None:
    names = sorted(path.stem for path in AREAS["mpadapters"].glob("[!_]*.py"))
    code = (
        "import asyncio, subprocess, sys, tempfile, shutil, socket, threading, os, signal, pytest\n"
        f"for module, names in {POSIX_ONLY!r}.items():\n    for name in names:\n"
        "        vars(sys.modules[module]).pop(name)\n"
        "for name in ('fcntl', 'resource', 'pwd', 'grp', 'termios', 'posix'): sys.modules[name] = None\n"
        f"import importlib\nfor name in {names!r}: importlib.import_module('mpadapters.' + name)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
