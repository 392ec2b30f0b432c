"""The code in the README of this area does what the README says of it."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

import mpadapters
from mpadapters.cell import Cell
from mpadapters.checking import check_adapter
from mpadapters.expectations import KEYS, Expectations, read_entries
from mpadapters.finding import ENTRY_POINTS
from mpadapters.serving import serving

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Place = Callable[[str, str], Path]
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
STEPS = re.split(r"^### ", README.split("\n## The expectations file")[0], flags=re.MULTILINE)[1:]
(SHAPES,) = [step for step in STEPS if step.startswith("The shapes")]
STEPS.remove(SHAPES)
ROWS = dict(re.findall(r"^\| (?!the backend|---)(.+?) \| (.+) \|$", SHAPES, re.MULTILINE))

MYBACKEND = """
from multiprocessing import Pool, get_all_start_methods, get_context as real

__version__ = "1.2"

def get_context(method):
    return real("spawn" if method == "spawn_fresh" else method)
"""
SERVER = """
import time
print("localhost:1234", flush=True)
time.sleep(60)
"""


def code(step: int, language: str) -> str:
    """Return the code of one step of the tutorial."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", STEPS[step], re.MULTILINE | re.DOTALL)
    return str(block)


@pytest.fixture(autouse=True)
def mybackend(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the backend that the tutorial is about."""
    place("mybackend/__init__.py", MYBACKEND)
    place("mybackend/server.py", SERVER)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))


def adapter(place: Place, step: int, name: str = "MyBackend") -> mpadapters.Adapter:
    """Return the adapter that one step of the tutorial makes."""
    place("step.py", code(step, "python"))
    return mpadapters.load(f"step:{name}")


def test_the_steps_are_counted_from_0_to_6() -> None:
    assert [step[:3] for step in STEPS] == [f"{number}. " for number in range(7)]


def test_step_0_needs_no_adapter() -> None:
    assert mpadapters.find("mybackend").version() == "1.2"


@pytest.mark.parametrize(("step", "name"), [(1, "MyBackend"), (2, "MyBackend"), (3, "MyPool"), (4, "MyBackend")])
def test_the_adapters_of_the_steps_are_sound(place: Place, step: int, name: str) -> None:
    checks = check_adapter(adapter(place, step, name), limit=30)
    assert [check for check in checks if not check.ok] == []


SHAPED = """
import os
from multiprocessing import TimeoutError, get_all_start_methods, get_context as real
from types import SimpleNamespace

VERSION = "1.2"
connected = []
helpers = []
context = real("spawn")

def get_context(method):
    return real("spawn" if method == "spawn_fresh" else method)

def Pool(*arguments):
    return real("spawn").Pool(*arguments)

def connect():
    connected.append(os.getpid())

def start_helper():
    helpers.append(os.getpid())

def Remote(env):
    return SimpleNamespace(env=env)
"""


HEAD = """
import os
from mpadapters import A_POOL, Adapter, PoolOnly

class Shaped(Adapter):
    name = 'shaped'
"""


def mirrors(shaped: Any) -> None:
    assert shaped.start_methods() == tuple(multiprocessing.get_all_start_methods())
    assert shaped.namespace("spawn").connection.__name__ == "shaped.connection"


def harmless(shaped: Any) -> None:
    assert shaped.preload
    assert {"shaped", "shaped.connection"} <= set(shaped.preload_modules())


def names_its_context(shaped: Any) -> None:
    assert (shaped.start_methods(), shaped.namespace("spawn").get_start_method()) == (("spawn",), "spawn")


def has_fewer_methods(shaped: Any) -> None:
    assert shaped.start_methods() == ("fork",)


def takes_the_rest(shaped: Any) -> None:
    mp = shaped.namespace("spawn")
    assert [mp.managers.__name__, mp.connection.__name__] == ["multiprocessing.managers", "shaped.connection"]


def has_contexts_only(shaped: Any) -> None:
    assert claimed(shaped, "start_methods.get_all.x", "signature.get_context", "queue.get.x") == ["queue.get.x"]


def is_a_context_object(shaped: Any) -> None:
    assert shaped.namespace("spawn").get_start_method() == "spawn"


def has_threads(shaped: Any) -> None:
    own = "process.start.runs-run-in-another-process"
    assert claimed(shaped, own, "process.start.runs-run") == ["process.start.runs-run"]


def offers_a_pool(shaped: Any) -> None:
    of_a_pool = ("pool.map.x", "signature.pool", "signature.pool.map", "signature.timeout_error")
    assert claimed(shaped, *of_a_pool, "queue.get.x") == [*of_a_pool]
    mp = shaped.namespace("spawn")
    assert (mp.get_context("spawn"), mp.get_start_method()) == (mp, "spawn")
    assert issubclass(mp.TimeoutError, Exception)
    with mp.Pool(1) as made:
        assert made.apply(divmod, (7, 2)) == (3, 1)
    with pytest.raises(ValueError, match="fork"):
        mp.get_context("fork")
    with pytest.raises(AttributeError, match="pool"):
        _ = mp.pool
    assert not hasattr(mp, "Process")


def connects_first(shaped: Any) -> None:
    mp = shaped.namespace("spawn")
    assert shaped.module().connected == [], "nothing is connected in the process that forks"
    assert (mp.Pool, mp.Pool) == (shaped.module().Pool,) * 2
    assert shaped.module().connected == [os.getpid()]


def lacks_a_part(shaped: Any) -> None:
    lacking = ("listener.accept.x", "signature.listener", "signature.listener.accept", "signature.client")
    assert claimed(shaped, *lacking, "pipe.call.x") == ["pipe.call.x"]


def has_one_way(shaped: Any) -> None:
    others = ["listener.family.af_inet", "signature.listener"]
    assert claimed(shaped, "listener.family.af_unix", *others) == others


def has_another_name(shaped: Any) -> None:
    mp = shaped.namespace("spawn")
    assert shaped.find(mp, "connection.Connection.send").__qualname__ == "PipeEnd.send"
    assert shaped.find(mp, "connection.wait").__qualname__ == "wait"
    with pytest.raises(AttributeError, match="Listener"):
        shaped.find(mp, "connection.Listener")


def has_its_version_elsewhere(shaped: Any) -> None:
    assert shaped.version() == "1.2"


def patches(shaped: Any) -> None:
    shaped.module()
    assert os.patched == 1  # type: ignore[attr-defined]
    shaped.module()
    assert os.patched == 1, "a process patches once"  # type: ignore[attr-defined]
    assert shaped.source("spawn").startswith(shaped.before + "\n"), "and a script that stands alone does it too"


def keeps(shaped: Any) -> None:
    assert len(shaped.keeps) == 2


def needs_a_server(shaped: Any) -> None:
    with serving(shaped):
        assert os.environ["MYBACKEND_ADDRESS"] == "localhost:1234"
    assert "MYBACKEND_ADDRESS" not in os.environ


def has_remote_workers(shaped: Any) -> None:
    remote = shaped.namespace("spawn")
    assert remote.env["MPCONFORM_TOLD"] == "here"
    subprocess.run([sys.executable, "-c", "import shaped, mpadapters"], env=remote.env, check=True, timeout=60)


def borrows_a_submodule(shaped: Any) -> None:
    assert shaped.namespace("spawn").pool is importlib.import_module("multiprocessing.pool")
    assert "pool=importlib.import_module('multiprocessing.pool')" in shaped.source("spawn")


def needs_nothing(shaped: Any) -> None:
    assert shaped.namespace("spawn").get_start_method() == "spawn"


def has_a_helper(shaped: Any) -> None:
    shaped.preload_modules()
    assert shaped.module().helpers == [], "importing starts nothing"
    shaped.warm_up("spawn")
    assert shaped.module().helpers == [os.getpid()]


CHECKS = {
    "mirrors the layout of `multiprocessing`": mirrors,
    "does no harm when it is imported": harmless,
    "starts a helper process for each program that uses it": has_a_helper,
    "has a context of another name": names_its_context,
    "has fewer start methods": has_fewer_methods,
    "lacks submodules, and uses those of another package": takes_the_rest,
    "has a submodule that its contexts do not use": borrows_a_submodule,
    "has contexts, and no functions of the package": has_contexts_only,
    "has a context object and no module around it": is_a_context_object,
    "has threads in place of processes": has_threads,
    "offers only a pool": offers_a_pool,
    "connects before its first pool": connects_first,
    "lacks a part of the API": lacks_a_part,
    "has one way to connect, and not another": has_one_way,
    "calls a class something else": has_another_name,
    "keeps its version elsewhere": has_its_version_elsewhere,
    "patches other modules first": patches,
    "keeps a socket and a thread open": keeps,
    "needs a server": needs_a_server,
    "has workers that inherit nothing": has_remote_workers,
    "prints at import, starts slowly, or has another `__file__` in a child": needs_nothing,
}
"""What each row of the table promises of the adapter that says so."""


def claimed(shaped: mpadapters.Adapter, *ids: str) -> list[str]:
    """Return those of the ids that it claims."""
    return [one for one in ids if shaped.claims(one)]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_shapes_is_true(place: Place, monkeypatch: pytest.MonkeyPatch, row: str) -> None:
    monkeypatch.setattr(os, "patched", 0, raising=False)
    monkeypatch.delenv("MYBACKEND_ADDRESS", raising=False)
    monkeypatch.setenv("MPCONFORM_TOLD", "here")
    place("shaped/__init__.py", SHAPED)
    place("shaped/connection.py", "class PipeEnd:\n    def send(self): ...\ndef wait(): ...")
    place("patches.py", "import os\ndef apply(): os.patched += 1")
    body = "\n    ".join(re.findall(r"`([^`]+)`", ROWS[row])) or "pass"
    own = "" if "package =" in body else "    package = 'shaped'\n"
    place("shaped_adapter.py", f"{HEAD}{own}    {body.replace('mybackend', 'shaped')}\n")
    CHECKS[row](mpadapters.load("shaped_adapter:Shaped"))


def test_the_shapes_are_those_that_are_looked_at() -> None:
    assert list(ROWS) == list(CHECKS)


def test_step_2_has_one_start_method_and_the_submodules_of_the_standard_library(place: Place) -> None:
    made = adapter(place, 2)
    assert made.start_methods() == ("spawn",)
    assert made.namespace("spawn").managers.__name__ == "multiprocessing.managers"


def test_step_3_claims_the_pool_alone(place: Place) -> None:
    made = adapter(place, 3, "MyPool")
    assert [made.claims(id_) for id_ in ("pool.map.x", "async_result.get.x", "process.start.x")] == [True, True, False]


def test_step_4_tells_children_the_address_and_stops_the_server(place: Place) -> None:
    made = adapter(place, 4)
    with serving(made, limit=60) as server:
        assert server.pid
        below = psutil.Process(server.pid).children(recursive=True)
        child = [sys.executable, "-c", "import os; print(os.environ['MYBACKEND_ADDRESS'])"]
        assert subprocess.check_output(child, text=True) == "localhost:1234\n"
    assert server.trouble == ""
    assert len(below) == 2, "the process of start(), and the server"
    assert not any(process.is_running() for process in below), "the server runs on"


def test_step_5_is_an_entry_point_of_our_group() -> None:
    project = tomllib.loads(code(5, "toml"))["project"]
    assert project["entry-points"] == {ENTRY_POINTS: {"mybackend": "mybackend.conformance:MyBackend"}}


def test_the_expectations_file_can_be_read(tmp_path: Path) -> None:
    (text,) = re.findall(
        r"^```toml\n(.*?)^```$", README.split("\n## The expectations file")[1], re.MULTILINE | re.DOTALL
    )
    path = tmp_path / "mybackend.toml"
    path.write_text(text)
    entries = read_entries(path)
    cells = [
        Cell("mybackend", "1.2", "spawn", "3.12.1", "CPython", "linux"),
        Cell("mybackend", "2.0", "fork", "3.11.7", "CPython", "linux"),
    ]
    assert [len(Expectations(path, tuple(entries)).for_cell(cell)) for cell in cells] == [3, 0]


def test_every_key_is_described() -> None:
    described = re.findall(r"^\| `(\w+)` \| (?:required|one of the two|optional|condition) \|", README, re.MULTILINE)
    assert sorted(described) == sorted(KEYS)


def test_every_module_of_the_area_is_described() -> None:
    modules = {path.name for path in Path(mpadapters.__file__).parent.glob("[!_]*.py")}
    assert set(re.findall(r"`mpadapters/(\w+\.py)`", README)) == modules
