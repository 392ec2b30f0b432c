"""Finding adapters: by name, by entry point, as any module, and saying well why there is none."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import mpadapters
from mpadapters import AdapterError, checking
from mpadapters.builtin import BUILTIN, MORE
from mpadapters.finding import ModuleAdapter

Place = Callable[[str, str], Path]

OFFERED = """
from mpadapters import Adapter

class Offered(Adapter):
    name = "offered"
    package = "multiprocessing"

    class Inner(Adapter):
        name = "inner"
        package = "multiprocessing"

class Stranger:
    pass

class Needy(Adapter):
    def __init__(self, what):
        self.what = what
"""


@pytest.fixture
def offered(place: Place) -> None:
    """Install a made-up distribution that offers an adapter, a rival of a built-in one, and two bad ones."""
    place("made_up.py", OFFERED)
    place("made_up-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
    place(
        "made_up-1.0.dist-info/entry_points.txt",
        "[mpconform.adapters]\n"
        "offered = made_up:Offered [redis]\nstdlib = made_up:Offered\n"
        "bad = made_up:Missing\nasleep = no_such_module:A\n",
    )


def refusal(call: Callable[..., object], *arguments: str) -> str:
    """Return the message of the AdapterError that the call raises, which must be one line."""
    with pytest.raises(AdapterError) as caught:
        call(*arguments)
    message = str(caught.value)
    assert "\n" not in message, f"the message has more than one line: {message!r}"
    return message


@pytest.mark.parametrize("kind", BUILTIN, ids=lambda kind: kind.name)
def test_every_built_in_adapter_is_found_by_its_name(kind: type[mpadapters.Adapter]) -> None:
    assert type(mpadapters.find(kind.name)) is kind
    assert kind.name in mpadapters.names()


@pytest.mark.parametrize("name", MORE)
def test_the_larger_ones_are_found_by_name_and_their_backends_not_imported(name: str) -> None:
    before = set(sys.modules)
    adapter = mpadapters.find(name)
    assert (adapter.name, adapter.location) == (name, MORE[name])
    assert name in mpadapters.names()
    loaded = {module.partition(".")[0] for module in set(sys.modules) - before}
    assert not loaded & {"loky", "torch", "ray", "lithops", "gevent", "eventlet"}
    assert [check for check in _before_it_runs(adapter) if not check.ok] == []


def _before_it_runs(adapter: mpadapters.Adapter) -> list[checking.Check]:
    kinds = (checking._name, checking._supports, checking._declarations, checking._expectations, checking._location)
    return [kind(adapter) for kind in kinds]


@pytest.mark.parametrize("name", ["stdlib", "billiard", "multiprocess"])
def test_a_built_in_adapter_reaches_its_backend(name: str) -> None:
    adapter = mpadapters.find(name)
    assert re.match(r"\d+\.\d+", adapter.version()), adapter.version()
    for method in adapter.start_methods():
        mp = adapter.namespace(method)
        assert mp.get_start_method() == method
        assert mp.connection.__name__ == f"{adapter.package}.connection"


def test_an_adapter_of_another_distribution_is_found_by_its_entry_point(offered: None) -> None:
    adapter = mpadapters.find("offered")
    assert adapter.location == "made_up:Offered"
    assert "offered" in mpadapters.names()


def test_a_built_in_name_cannot_be_taken_by_an_entry_point(offered: None) -> None:
    assert mpadapters.find("stdlib").location == "mpadapters.builtin:Stdlib"
    assert mpadapters.names().count("stdlib") == 1


def test_an_entry_point_that_leads_nowhere_says_so(offered: None) -> None:
    assert "adapter 'made_up:Missing' cannot be made" in refusal(mpadapters.find, "bad")
    assert "No module named 'no_such_module'" in refusal(mpadapters.find, "asleep")


def test_any_importable_module_needs_no_adapter(place: Place) -> None:
    place("some/__init__.py", "")
    place("some/module.py", "from multiprocessing import *\nfrom multiprocessing import get_context\n__version__ = '7'")
    adapter = mpadapters.find("some.module")
    assert isinstance(adapter, ModuleAdapter)
    assert (adapter.name, adapter.package, adapter.version()) == ("some.module", "some.module", "7")
    assert adapter.namespace("spawn").get_start_method() == "spawn"
    again = mpadapters.load(adapter.location)
    assert (type(again), again.name, again.package) == (ModuleAdapter, "some.module", "some.module")
    assert adapter.expectations() is None


def test_finding_a_module_does_not_import_it(place: Place) -> None:
    place("explodes.py", "raise RuntimeError('imported')")
    assert mpadapters.find("explodes").name == "explodes"


def test_an_import_that_raises_is_told_in_one_line(place: Place) -> None:
    place("explodes.py", "raise RuntimeError('not today')")
    message = refusal(mpadapters.find("explodes").module)
    assert message == (
        "backend 'explodes': importing 'explodes' failed with RuntimeError('not today'): "
        "make `python -c 'import explodes'` work first"
    )


def test_an_import_that_exits_is_told_too(place: Place) -> None:
    place("leaves.py", "raise SystemExit(3)")
    assert "SystemExit(3)" in refusal(mpadapters.find("leaves").module)


def test_a_parent_package_that_raises_is_told(place: Place) -> None:
    place("parent/__init__.py", "raise RuntimeError('not today')")
    assert "importing 'parent' failed with RuntimeError('not today')" in refusal(mpadapters.find, "parent.child")


def test_what_is_not_installed_is_told_with_the_command_that_installs_it(place: Place) -> None:
    place(
        "absent_adapter.py",
        OFFERED + "class Absent(Adapter):\n name='absent'\n package='absent.mp'\n install='absent-dist'",
    )
    message = refusal(mpadapters.load("absent_adapter:Absent").module)
    assert message == "backend 'absent': there is no package 'absent' here: python -m pip install absent-dist"


def test_a_dependency_that_is_missing_is_not_taken_for_the_backend(place: Place) -> None:
    place("needs_more.py", "import absent_dependency")
    message = refusal(mpadapters.find("needs_more").module)
    assert "importing 'needs_more' failed with ModuleNotFoundError" in message
    assert "absent_dependency" in message


@pytest.mark.parametrize(("wrong", "right"), [("stdlb", "stdlib"), ("biliard", "billiard"), ("offred", "offered")])
def test_a_misspelt_name_gets_the_close_matches(offered: None, wrong: str, right: str) -> None:
    assert refusal(mpadapters.find, wrong).startswith(f"no backend {wrong!r}: did you mean {right}")


@pytest.mark.parametrize("name", ["zzz", "", ".relative", "no_such.module", "a b"])
def test_a_name_like_no_other_gets_the_list(name: str) -> None:
    told = refusal(mpadapters.find, name)
    assert told.startswith(f"no backend {name!r}: known are stdlib, reference, billiard, multiprocess"), told


def test_loading_by_location(offered: None) -> None:
    assert mpadapters.load("made_up:Offered").name == "offered"
    assert mpadapters.load("made_up:Offered.Inner").location == "made_up:Offered.Inner"


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("made_up:Stranger", "is no subclass of mpadapters.Adapter"),
        ("made_up:Needy", "that needs no argument"),
        ("made_up", "must name a class, as module:Class"),
        ("", "must name a class, as module:Class"),
    ],
)
def test_a_location_of_no_adapter_is_refused(offered: None, location: str, says: str) -> None:
    message = refusal(mpadapters.load, location)
    assert repr(location) in message
    assert says in message


@pytest.mark.usefixtures("offered")
@pytest.mark.parametrize("location", ["made_up:Offered", "made_up:Offered.Inner"])
def test_a_class_is_found_by_its_place_without_an_entry_point(location: str) -> None:
    assert mpadapters.find(location).location == location


@pytest.mark.usefixtures("offered")
@pytest.mark.parametrize(
    "location", ["made_up:Missing", "made_up:Stranger", "made_up:Needy", "nowhere:Class", ":", "x:"]
)
def test_a_place_without_an_adapter_is_refused(location: str) -> None:
    assert repr(location) in refusal(mpadapters.find, location)
