"""The code in the README of this area does what the README says of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import mpadapters
from mpadapters.checking import check_adapter
from mpadapters.expectations import KEYS, Cell, Expectations, read_entries
from mpadapters.finding import ENTRY_POINTS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Place = Callable[[str, str], Path]
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
STEPS = re.split(r"^### (?=\d\. )", README.split("\n## The expectations file")[0], flags=re.MULTILINE)[1:]

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


def test_step_2_has_one_start_method_and_the_submodules_of_the_standard_library(place: Place) -> None:
    made = adapter(place, 2)
    assert made.start_methods() == ("spawn",)
    assert made.namespace("spawn").managers.__name__ == "multiprocessing.managers"


def test_step_3_claims_the_pool_alone(place: Place) -> None:
    made = adapter(place, 3, "MyPool")
    assert [made.claims(id_) for id_ in ("pool.map.x", "async_result.get.x", "process.start.x")] == [True, True, False]


def test_step_4_tells_children_the_address_and_stops_the_server(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYBACKEND_ADDRESS", "")
    made = adapter(place, 4)
    made.start()
    try:
        child = [sys.executable, "-c", "import os; print(os.environ['MYBACKEND_ADDRESS'])"]
        assert subprocess.check_output(child, text=True) == "localhost:1234\n"
    finally:
        made.stop()
    assert made.server.poll() is not None, "the server runs on"  # type: ignore[attr-defined]


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
    cells = [Cell("3.12.1", "linux", "spawn", "1.2"), Cell("3.11.7", "linux", "fork", "2.0")]
    assert [len(Expectations(path, tuple(entries)).for_cell(cell)) for cell in cells] == [3, 0]


def test_every_key_is_described() -> None:
    described = re.findall(r"^\| `(\w+)` \| (?:required|one of the two|condition) \|", README, re.MULTILINE)
    assert sorted(described) == sorted(KEYS)


def test_every_module_of_the_area_is_described() -> None:
    modules = {path.name for path in Path(mpadapters.__file__).parent.glob("[!_]*.py")}
    assert set(re.findall(r"`mpadapters/(\w+\.py)`", README)) == modules
