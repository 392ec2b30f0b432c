"""The adapter contract, held against a small stand-in for each shape of backend that is known."""

from __future__ import annotations

import multiprocessing
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import mpadapters
from mpadapters import Adapter, AdapterError, Namespace

Place = Callable[[str, str], Path]


def adapter_of(place: Place, text: str) -> Any:
    """Return the adapter of the class ``A`` in a module with this text."""
    place("shape_adapter.py", "from mpadapters import Adapter, Namespace\n" + text)
    return mpadapters.load("shape_adapter:A")


def run_script(tmp_path: Path, text: str, site: Path | None = None) -> str:
    """Run the text as a script in a fresh interpreter and return what it printed."""
    script = tmp_path / "shape_main.py"
    script.write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(site or "")}
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, env=environment)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


# The shapes


def test_a_backend_that_offers_only_a_pool(place: Place) -> None:
    place("pool_only.py", "class Pool:\n    def apply(self, f, args): return f(*args)\n")
    adapter = adapter_of(
        place,
        """
from types import SimpleNamespace

class A(Adapter):
    name = package = "pool_only"
    supports = ("pool.*", "async_result.*")

    def start_methods(self):
        return ("spawn",)

    def namespace(self, start_method):
        return SimpleNamespace(Pool=self.module().Pool)
""",
    )
    mp = adapter.namespace("spawn")
    assert mp.Pool().apply(divmod, (7, 2)) == (3, 1)
    assert not hasattr(mp, "Process")
    assert adapter.start_methods() == ("spawn",)
    claims = {id_: adapter.claims(id_) for id_ in ("pool.apply.returns", "async_result.get.x", "process.start.x")}
    assert claims == {"pool.apply.returns": True, "async_result.get.x": True, "process.start.x": False}


def test_what_a_backend_lacks_is_not_claimed() -> None:
    class Lacking(Adapter):
        lacks = ("shared_memory.*",)

    assert [Lacking().claims(id_) for id_ in ("pool.apply.x", "shared_memory.call.x")] == [True, False]


def test_a_backend_that_is_only_a_context_object(place: Place) -> None:
    place("context_only.py", "import multiprocessing\ncontext = multiprocessing.get_context('spawn')")
    adapter = adapter_of(
        place,
        """
class A(Adapter):
    name = package = "context_only"

    def start_methods(self):
        return ("spawn",)

    def namespace(self, start_method):
        return self.module().context
""",
    )
    assert adapter.namespace("spawn").get_start_method() == "spawn"


def test_a_backend_whose_context_has_a_name_of_its_own_and_that_takes_the_rest_from_another_package(
    place: Place,
) -> None:
    place(
        "own/__init__.py",
        "import multiprocessing\ndef get_context(name):\n    assert name == 'own_fresh', name\n"
        "    return multiprocessing.get_context('spawn')",
    )
    place("own/pool.py", "WHOSE = 'own'")
    adapter = adapter_of(
        place,
        """
import multiprocessing

class A(Adapter):
    name = package = "own"

    def start_methods(self):
        return ("spawn",)

    def namespace(self, start_method):
        return Namespace(self.module(), "own_fresh", multiprocessing)
""",
    )
    mp = adapter.namespace("spawn")
    assert mp.pool.WHOSE == "own", "the backend's own submodule comes first"
    assert mp.managers.__name__ == "multiprocessing.managers", "the rest comes from the standard library"
    assert mp.Process is multiprocessing.get_context("spawn").Process


def test_an_adapter_that_needs_no_server_starts_and_stops_nothing() -> None:
    adapter = mpadapters.find("stdlib")
    adapter.start()
    adapter.stop()


def test_a_module_that_is_no_package_and_has_its_submodules_as_attributes(place: Place) -> None:
    place("flat.py", "from multiprocessing import get_context, pool, connection")
    mp = mpadapters.find("flat").namespace("spawn")
    assert mp.pool.__name__ == "multiprocessing.pool"
    assert not hasattr(mp, "managers")


# The defaults


def test_a_submodule_that_the_backend_lacks_is_a_missing_attribute(place: Place) -> None:
    place("bare/__init__.py", "from multiprocessing import get_context")
    mp = mpadapters.find("bare").namespace("spawn")
    with pytest.raises(AttributeError, match="bare has no submodule 'managers'"):
        _ = mp.managers


def test_a_submodule_that_fails_to_import_something_else_is_not_called_missing(place: Place) -> None:
    place("half/__init__.py", "from multiprocessing import get_context")
    place("half/managers.py", "import absent_dependency")
    with pytest.raises(ModuleNotFoundError, match="absent_dependency"):
        _ = mpadapters.find("half").namespace("spawn").managers


def test_a_name_that_nobody_documents_is_a_missing_attribute() -> None:
    mp = mpadapters.find("stdlib").namespace("spawn")
    with pytest.raises(AttributeError, match="nobody"):
        _ = mp.nobody


def test_an_unfinished_namespace_raises_and_does_not_recurse() -> None:
    with pytest.raises(AttributeError, match="context"):
        _ = Namespace.__new__(Namespace).Process


def test_start_methods_that_the_suite_does_not_know_are_left_out(place: Place) -> None:
    place("odd.py", "def get_all_start_methods(): return ['thread', 'spawn', 'fork']")
    assert mpadapters.find("odd").start_methods() == ("spawn", "fork")


@pytest.mark.parametrize("ask", ["start_methods", "namespace"])
def test_a_module_of_another_layout_is_told_to_need_an_adapter(ask: str) -> None:
    adapter = mpadapters.find("json")
    with pytest.raises(AdapterError, match=r"json has no get_\w+\(\), so it does not mirror .*write an adapter"):
        getattr(adapter, ask)(*(["spawn"] if ask == "namespace" else []))


def test_the_version_may_be_that_of_a_package_above(place: Place) -> None:
    place("above/__init__.py", "__version__ = 7")
    place("above/middle/__init__.py", "")
    place("above/middle/below.py", "")
    assert mpadapters.find("above.middle.below").version() == "7"
    assert mpadapters.find("multiprocessing.dummy").version() == platform.python_version()


def test_modules_are_preloaded_and_no_context_is_made(place: Place) -> None:
    place("early/__init__.py", "def get_context(method): raise OSError('too early')\nqueues = __import__('queue')")
    place("early/connection.py", "")
    place("early/pool.py", "import absent_dependency")
    place("other/__init__.py", "")
    place("other/managers.py", "")
    adapter = adapter_of(place, "class A(Adapter):\n    name = package = 'early'\n    rest = ('other',)")
    assert adapter.preload_modules() == ["early", "early.connection", "other.managers", "queue"]
    assert "early.connection" in sys.modules


def test_a_worker_that_inherits_nothing_gets_the_cell_and_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MPCONFORM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MPCONFORM_ADAPTER", "before")
    adapter = mpadapters.find("stdlib")
    monkeypatch.setenv("MPCONFORM_ADAPTER", "now")
    monkeypatch.setenv("OTHER", "thing")
    monkeypatch.setattr(sys, "path", ["", "/a", "b"])
    here = str(Path.cwd())
    path = os.pathsep.join([here, "/a", f"{here}/b"])
    assert adapter.environment() == {"MPCONFORM_ADAPTER": "now", "PYTHONPATH": path}


def test_a_name_is_found_by_its_longest_alias() -> None:
    class Renaming(Adapter):
        aliases = {"a": "x", "a.b": "y.z"}  # noqa: RUF012

    owner = SimpleNamespace(x=SimpleNamespace(c=1), y=SimpleNamespace(z=SimpleNamespace(d=2)), ab=3)
    found = [Renaming().find(owner, name) for name in ("a.c", "a.b.d", "ab")]
    assert found == [1, 2, 3]


def test_what_is_run_before_the_import_fails_like_the_import(place: Place) -> None:
    adapter = adapter_of(place, "class A(Adapter):\n    name = package = 'json'\n    before = 'import absent_one'")
    with pytest.raises(AdapterError, match=r"importing 'json' failed with ModuleNotFoundError.*absent_one"):
        adapter.module()
    adapter.install = "absent_one"
    with pytest.raises(AdapterError, match=r"there is no package 'absent_one' here: python -m pip install absent_one$"):
        adapter.module()


def test_a_backend_without_a_version_is_of_unknown_version(place: Place) -> None:
    place("ageless.py", "")
    assert mpadapters.find("ageless").version() == "unknown"


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_the_source_stands_alone(tmp_path: Path, method: str) -> None:
    source = mpadapters.find("stdlib").source(method)
    assert "mpadapters" not in source, "a reproducer must not need the suite"
    told = run_script(tmp_path, source + "\nprint(mp.get_start_method(), mp.managers.__name__, package.__name__)\n")
    assert told.split() == [method, "multiprocessing.managers", "multiprocessing"]


def test_the_source_of_an_adapter_of_another_shape_finds_the_adapter(place: Place, tmp_path: Path) -> None:
    text = """
from types import SimpleNamespace

class A(Adapter):
    name = package = "json"

    def namespace(self, start_method):
        return SimpleNamespace(method=start_method)
"""
    adapter = adapter_of(place, text)
    told = run_script(tmp_path, adapter.source("fork") + "\nprint(mp.method, package.__name__)\n", tmp_path / "site")
    assert told.split() == ["fork", "json"]


def test_expectations_lie_beside_the_module_of_the_adapter(place: Place) -> None:
    adapter = adapter_of(place, "class A(Adapter):\n    name = 'kept'\n    package = 'json'\n")
    assert adapter.expectations() is None
    path = place("expected/kept.toml", "")
    assert adapter.expectations_file() == path
    assert adapter.expectations() == path


def test_an_adapter_of_no_file_has_no_expectations(monkeypatch: pytest.MonkeyPatch) -> None:
    class Homeless(Adapter):
        name = "homeless"

    monkeypatch.setattr(Homeless, "__module__", "homeless_module")
    monkeypatch.setitem(sys.modules, "homeless_module", SimpleNamespace())  # type: ignore[arg-type]
    assert Homeless().expectations_file() is None
    assert Homeless().expectations() is None
