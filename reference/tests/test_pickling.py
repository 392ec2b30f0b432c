"""Picklers that are used again keep nothing of what they pickled before."""

from __future__ import annotations

import threading
import weakref
from typing import Any

import pytest

from mpreference import pickling
from mpreference.pickling import SMALL, dumps, loads


class Thing:
    """Something that is not interned."""


class Nesting:
    """Pickles something else while it is pickled itself."""

    def __reduce__(self) -> Any:
        return loads, (dumps(["inner", {"a": (1, 2)}]),)


class Failing:
    """Fails after it was begun with."""

    def __reduce__(self) -> Any:
        raise ZeroDivisionError


@pytest.fixture(autouse=True)
def one_pickler() -> None:
    """Begin with one pickler that was used, and that all that follow use."""
    pickling._free.clear()
    dumps("used")
    assert len(pickling._free) == 1


def test_an_object_is_pickled_anew_each_time() -> None:
    thing = ["the same"]
    first = dumps(thing)
    assert dumps(thing) == first
    assert loads(dumps([thing, thing])) == [thing, thing]


def test_a_pickler_is_used_again() -> None:
    (before,) = pickling._free
    for number in range(3):
        dumps(number)
    assert pickling._free == [before]


def test_what_was_pickled_is_not_kept() -> None:
    thing = Thing()
    reference = weakref.ref(thing)
    dumps(thing)
    del thing
    assert reference() is None


def test_what_is_pickled_while_something_is_pickled() -> None:
    assert loads(dumps(("outer", Nesting(), "outer"))) == ("outer", ["inner", {"a": (1, 2)}], "outer")


def test_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError):
        dumps(["some", "text", Failing()])
    assert loads(dumps(["some", "text"])) == ["some", "text"]


@pytest.mark.parametrize("size", [SMALL, 10 * SMALL, 1_000_000])
def test_after_a_large_message(size: int) -> None:
    large = {"data": bytes(size), "text": "x" * size, "more": [str(number) for number in range(size // 50)]}
    assert loads(dumps(large)) == large
    assert pickling._free == []
    assert loads(dumps(["small"])) == ["small"]


def test_threads_do_not_get_in_each_others_way() -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        for step in range(2000):
            message = (number, step, {"of": [number] * 5})
            if loads(dumps(message)) != message:
                wrong.append(message)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
