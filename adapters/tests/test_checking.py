"""The smoke test of adapters: what is sound passes, and each way to be unsound is one failed check with a remedy."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import mpadapters
from mpadapters import Adapter
from mpadapters.checking import Check, check_adapter

Place = Callable[[str, str], Path]

LAYOUT = "from multiprocessing import get_context as real, get_all_start_methods\n"

ADAPTER = """
import os, signal, time
from types import SimpleNamespace
from mpadapters import Adapter, Namespace

class A(Adapter):
    name = "unsound"
    package = "multiprocessing"

    def start_methods(self):
        return ("fork",)
"""


def checks_of(place: Place, body: str, limit: float = 30) -> dict[str, Check]:
    """Return the checks of an adapter that is sound but for what ``body`` says of it."""
    place("unsound_adapter.py", ADAPTER + body)
    return {check.name: check for check in check_adapter(mpadapters.load("unsound_adapter:A"), limit)}


def the_failed_one(checks: dict[str, Check]) -> Check:
    """Return the only check that failed."""
    failed = [check for check in checks.values() if not check.ok]
    assert len(failed) == 1, f"one check should fail: {failed}"
    return failed[0]


@pytest.mark.parametrize("name", ["stdlib", "billiard", "multiprocess"])
def test_the_built_in_adapters_are_sound(name: str) -> None:
    checks = check_adapter(mpadapters.find(name))
    assert [check for check in checks if not check.ok] == []
    made = [check.name for check in checks]
    before = ["name", "supports", "declarations", "expectations", "location", "start", "package", "preload"]
    assert made[:10] == [*before, "version", "start methods"]
    assert made[-1] == "stop"
    for method in mpadapters.find(name).start_methods():
        assert {f"namespace ({method})", f"child ({method})", f"source ({method})"} <= set(made)


@pytest.mark.parametrize(
    ("body", "name", "detail"),
    [
        ("    name = ''", "name", "name is '': set name = \"...\" on the class, a word without spaces"),
        ("    name = 'a b'", "name", "name is 'a b': set name"),
        ("    supports = 'pool.*'", "supports", "supports is 'pool.*': make it a tuple of texts, like (\"pool.*\",)"),
        ("    lacks = 'pool.*'", "supports", "lacks is 'pool.*': make it a tuple of texts, like (\"pool.*\",)"),
        ("    keeps = 'socket:*'", "declarations", "keeps is 'socket:*': make it a tuple of texts, like (\"/dev/shm"),
        ("    rest = 'json'", "declarations", "rest is 'json': make it a tuple of texts, like (\"multiprocessing\",)"),
        ("    methods = ('fork',)", "declarations", "methods is ('fork',): make it a mapping of texts to texts, like"),
        ("    aliases = {'a': 1}", "declarations", "aliases is {'a': 1}: make it a mapping of texts to texts, like"),
        ("    preload = 'yes'", "declarations", "preload is 'yes': make it True or False"),
        ("    threads = 1", "declarations", "threads is 1: make it True or False"),
        (
            "    def expectations(self): raise OSError(5)",
            "expectations",
            "expectations() raised OSError(5): return a path",
        ),
        ("    location = 'unsound_adapter:B'", "location", "has no attribute 'B'"),
        ("    location = 'mpadapters.builtin:Stdlib'", "location", "define its class at the top level"),
    ],
)
def test_what_is_wrong_before_anything_runs(place: Place, body: str, name: str, detail: str) -> None:
    checks = checks_of(place, body)
    assert the_failed_one(checks).name == name
    assert detail in checks[name].detail
    assert "start" not in checks, "nothing is started for an adapter that cannot be made again"


def test_an_expectations_file_with_a_mistake(place: Place) -> None:
    place("expected/unsound.toml", "[[deviation]]\nrequirement = 'a.b.c'")
    failed = the_failed_one(checks_of(place, ""))
    assert failed.name == "expectations"
    assert failed.detail.endswith("entry 1 ('a.b.c'): key 'verdict' is missing: add verdict = \"...\"")


def test_an_expectations_file_without_mistakes(place: Place) -> None:
    path = place(
        "expected/unsound.toml", "[[deviation]]\nrequirement = 'a.b'\nverdict = 'fail'\nreason = 'r'\nproof = 'p'"
    )
    assert checks_of(place, "")["expectations"] == Check("expectations", True, f"1 in {path}")


@pytest.mark.parametrize(
    ("body", "name", "detail"),
    [
        (
            "    package = 'absent_package'",
            "package",
            "there is no package 'absent_package' here: install it, or put it",
        ),
        ("    aliases = {'Lock': 'Bolt'}", "namespace (fork)", "aliases has 'Lock' at 'Bolt', and it is not there ("),
        (
            "    preload = True\n    def module(self):\n        print('hello'); return super().module()",
            "preload",
            "preload says that importing is harmless, and it prints 'hello': leave preload out",
        ),
        ("    threads = True", "child (fork)", "a child is a process of its own, and threads is True: leave that out"),
        (
            "    def environment(self): return {'A': 1}",
            "environment",
            "returned {'A': 1}: return a mapping of",
        ),
        ("    def environment(self): raise OSError(5)", "environment", "environment() raised OSError(5): return a"),
        ("    def environment(self): return {}", "environment", "ended with status 1 before it had found the backend"),
        ("    def version(self): return 3", "version", "version() returned 3: return a text that is not empty"),
        (
            "    def start_methods(self): return ()",
            "start methods",
            "start_methods() returned (): return one or more of",
        ),
        ("    def start_methods(self): return ('thread',)", "start methods", "of fork, spawn, forkserver, in a tuple"),
        (
            "    def namespace(self, method): return SimpleNamespace(Pool=1)",
            "namespace (fork)",
            "has no Process: give it one, or leave process.* out of `supports`",
        ),
        (
            "    def namespace(self, method): raise OSError(5)",
            "namespace (fork)",
            "raised OSError(5): try it with python -c",
        ),
        (
            "    def module(self):\n        os.kill(os.getpid(), signal.SIGSEGV)",
            "package",
            "the interpreter was ended by SIGSEGV",
        ),
        ("    def version(self): os._exit(0)", "version", "the interpreter ended with status 0"),
        (
            "    def source(self, method): return 'mp = 1'",
            "source (fork)",
            "binds no package: bind both mp and package",
        ),
        ("    def source(self, method): return 'mp = ('", "source (fork)", "return Python source that compiles"),
        ("    def source(self, method): return 'raise OSError(5)'", "source (fork)", "(last words: 'OSError: 5')"),
    ],
)
def test_what_is_wrong_with_the_backend_or_how_it_is_got(place: Place, body: str, name: str, detail: str) -> None:
    checks = checks_of(place, body)
    assert the_failed_one(checks).name == name
    assert detail in checks[name].detail
    assert checks["stop"].ok, "what was started is stopped all the same"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("    def start(self): return os.urandom('no')", "start(): raised TypeError"),
        ("    def start(self): raise SystemExit(3)", "start(): raised SystemExit(3)"),
    ],
)
def test_a_start_that_fails_is_stopped_and_nothing_else_is_tried(place: Place, body: str, detail: str) -> None:
    checks = checks_of(place, body)
    assert the_failed_one(checks).name == "start"
    assert detail in checks["start"].detail
    assert list(checks)[-2:] == ["start", "stop"]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("    def start(self): time.sleep(60)", "start"),
        ("    def stop(self): time.sleep(60)", "stop"),
        ("    def version(self): time.sleep(60)", "version"),
    ],
)
def test_what_hangs_is_given_up_after_the_limit(place: Place, body: str, name: str) -> None:
    began = time.monotonic()
    checks = checks_of(place, body, limit=2)
    assert time.monotonic() - began < 30
    assert "not done within 2 s" in the_failed_one(checks).detail
    assert the_failed_one(checks).name == name
    if name == "stop":
        assert checks["stop"].detail.endswith("let it stop what start() started, and give what it waits for a limit")


def test_a_child_that_hangs_in_the_backend(place: Place) -> None:
    place("hanging.py", LAYOUT + "class get_context:\n    def __init__(self, m):\n        class P(real(m).Process):\n"
          "            def join(self, timeout=None):\n                import time; time.sleep(60)\n"
          "        self.Process = P; self.Pool = 1\n")  # fmt: skip
    failed = the_failed_one(checks_of(place, "    package = 'hanging'\n", limit=3))
    assert failed.name == "child (fork)"
    assert failed.detail.startswith("not done within 3 s")


def test_a_child_that_finds_no_backend(place: Place) -> None:
    body = """
    parent = os.getpid()
    def namespace(self, method):
        if os.getpid() != self.parent:
            raise OSError("only in the parent")
        return super().namespace(method)
    def source(self, method):
        return "mp = package = 1"
"""
    failed = the_failed_one(checks_of(place, body))
    assert failed.name == "child (fork)"
    says = "a child under fork ended with exit code 1 before it had found the backend: make mpadapters.load("
    assert failed.detail.startswith(says)


def test_a_child_that_finds_another_backend(place: Place) -> None:
    body = """
    parent = os.getpid()
    def module(self):
        import json
        return super().module() if os.getpid() == self.parent else json
    def namespace(self, method):
        return Namespace(super().module(), method)
    def source(self, method):
        return "mp = package = 1"
"""
    failed = the_failed_one(checks_of(place, body))
    assert failed.name == "child (fork)"
    assert "let namespace() depend on nothing that a child does not have" in failed.detail


THREADS = """
import threading
from multiprocessing import get_all_start_methods
class Context:
    Process = threading.Thread
    Pool = None
def get_context(method): return Context
"""


def test_threads_in_place_of_processes_are_to_be_declared(place: Place) -> None:
    place("threaded.py", THREADS)
    failed = the_failed_one(checks_of(place, "    package = 'threaded'\n"))
    assert (failed.name, failed.detail) == ("child (fork)", "a child is no process of its own: say `threads = True`")
    checks = checks_of(place, "    package = 'threaded'\n    threads = True\n")
    assert [check for check in checks.values() if not check.ok] == []


def test_a_file_that_differs_in_a_child_is_sound(place: Place) -> None:
    place("moved.py", "import os\n__file__ = str(os.getpid())\n"
          "from multiprocessing import get_context, get_all_start_methods")  # fmt: skip
    checks = checks_of(place, "    package = 'moved'\n")
    assert [check for check in checks.values() if not check.ok] == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import threading, time; threading.Thread(target=time.sleep, args=(600,), name='x', daemon=True).start()",
         "starts threads (x)"),
        ("import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])",
         "starts processes (python"),
        ("import os; os.environ['HARM'] = '1'", "changes the environment (HARM)"),
        ("import signal; signal.signal(signal.SIGUSR1, signal.SIG_IGN)", "handles (SIGUSR1)"),
        ("import os, time; os.fork = time.sleep = None", "patches (os.fork, time.sleep)"),
        ("import os; os.write(2, b'banner')", "prints 'banner'"),
    ],
)  # fmt: skip
def test_what_importing_does_is_told_and_no_preload_may_be_said_of_it(place: Place, text: str, says: str) -> None:
    place("harmful.py", f"from multiprocessing import get_context, get_all_start_methods\n{text}")
    body = "    package = 'harmful'\n    def start_methods(self): return ()\n"
    assert says in checks_of(place, body)["preload"].detail
    failed = checks_of(place, body + "    preload = True\n")["preload"]
    assert not failed.ok
    assert says in failed.detail


def test_an_import_that_is_harmless_may_be_said_so(place: Place) -> None:
    detail = checks_of(place, "    def start_methods(self): return ()\n")["preload"].detail
    assert detail == "importing it is harmless: `preload = True` would make runs faster"


def test_what_start_tells_the_children_reaches_the_other_checks(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNSOUND_ADDRESS", raising=False)
    body = """
    def start(self):
        os.environ["UNSOUND_ADDRESS"] = "here"
    def version(self):
        return os.environ["UNSOUND_ADDRESS"]
    def stop(self):
        del os.environ["UNSOUND_ADDRESS"]
"""
    checks = checks_of(place, body)
    assert [check for check in checks.values() if not check.ok] == []
    assert checks["version"].detail == "here"
    assert checks["start"].detail == "start() returned, and changed UNSOUND_ADDRESS"
    assert checks["stop"].detail == "stop() returned"
    assert "UNSOUND_ADDRESS" not in os.environ


def test_a_backend_that_offers_only_a_pool_is_sound(place: Place) -> None:
    body = """
    supports = ("pool.*",)
    def namespace(self, method):
        return SimpleNamespace(Pool=self.module().get_context(method).Pool)
"""
    checks = checks_of(place, body)
    assert [check for check in checks.values() if not check.ok] == []
    assert checks["namespace (fork)"].detail.startswith("has no Process, Pipe, Queue")
    assert checks["child (fork)"].detail == "was started and joined, and found multiprocessing"


def test_a_backend_without_processes_and_pools_is_sound(place: Place) -> None:
    body = "    supports = ('listener.*',)\n    def namespace(self, method): return SimpleNamespace()\n"
    checks = checks_of(place, body)
    assert [check for check in checks.values() if not check.ok] == []
    assert "there is no child to start" in checks["child (fork)"].detail


def test_a_backend_that_prints_garbage_is_sound(place: Place) -> None:
    place("printing.py", "import os\nos.write(1, b'\\xff{\"ok\": false}\\n'); os.write(2, b'\\xff\\n')\n"
          "from multiprocessing import get_context, get_all_start_methods")  # fmt: skip
    checks = checks_of(place, "    package = 'printing'\n")
    assert [check for check in checks.values() if not check.ok] == []


def test_an_adapter_defined_inside_a_function_cannot_be_made_again() -> None:
    class Local(Adapter):
        name = "local"
        package = "multiprocessing"

    failed = [check for check in check_adapter(Local()) if not check.ok]
    assert [check.name for check in failed] == ["location"]
    assert "define its class at the top level of an importable module" in failed[0].detail
