"""Finding what an entry names, and comparing what it takes with what is promised."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from mpconform.kit import documented

INSTANCES = {
    "Queue": lambda mp: mp.Queue(),
    "SimpleQueue": lambda mp: mp.SimpleQueue(),
    "JoinableQueue": lambda mp: mp.JoinableQueue(),
    "Lock": lambda mp: mp.Lock(),
    "RLock": lambda mp: mp.RLock(),
    "Semaphore": lambda mp: mp.Semaphore(),
    "BoundedSemaphore": lambda mp: mp.BoundedSemaphore(),
}
"""What is documented as a class and may be a function: its methods are those of what it returns."""

MADE_BY = {
    "connection.Connection": lambda mp: mp.Pipe()[0],
    "pool.Pool": lambda mp: mp.Pool(1),
}
"""How an instance is made of what is documented as a class, where the backend shows no such class or not all of it."""

SUBMODULES = ("connection", "managers", "pool", "shared_memory", "sharedctypes")

MISSING = object()

BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def places(mp: Any, package: Any, doc: str) -> Iterator[tuple[str, Any, bool]]:
    """Yield where the documentation puts a name: the place in words, what is there, and whether it is a method.

    A name of the package itself is in its contexts too. What is not there is ``MISSING``.
    """
    name = doc.removeprefix("multiprocessing.")
    owner, *rest = name.split(".")
    if owner in INSTANCES and rest:
        yield f"{owner}().{rest[0]}", getattr(INSTANCES[owner](mp), rest[0], MISSING), False
        return
    kind = name.rpartition(".")[0]
    is_method = bool(rest) and isinstance(follow(mp, kind), type)
    if owner in SUBMODULES:
        found = follow(mp, name)
        if found is MISSING and kind in MADE_BY:
            yield f"{rest[-1]} of an instance", of_an_instance(mp, kind, rest[-1]), False
        else:
            yield name, found, is_method
        return
    yield f"{name} of a context", follow(mp, name), is_method
    if not rest and package is not None:
        yield f"{owner} of the package", follow(package, name), False


def of_an_instance(mp: Any, kind: str, name: str) -> Any:
    """Return what an instance of a documented class has by this name, or ``MISSING``."""
    try:
        made = MADE_BY[kind](mp)
    except Exception:
        return MISSING  # there is nothing to look at
    found = getattr(made, name, MISSING)
    end(made)
    return found


def follow(owner: Any, name: str) -> Any:
    """Return what is documented as ``name`` below ``owner``, or ``MISSING``."""
    try:
        return documented(owner, name)
    except AttributeError:
        return MISSING


def check(mp: Any, package: Any, doc: str, takes: str) -> None:
    """Check that what is documented as ``doc`` is in each of its places, and takes what is promised."""
    for place, thing, is_method in places(mp, package, doc):
        assert thing is not MISSING, f"{place}: there is no such name, promised is {doc}{takes}"
        if not takes:
            assert isinstance(thing, type), f"{place}: is {thing!r}, promised is a class"
            continue
        found = deviations(thing, takes, is_method)
        assert not found, f"{place}, promised to take {takes}: " + "; ".join(found)


def end(made: Any) -> None:
    """End what a class of the table has made, if it holds something that outlives it."""
    held = getattr(made, "shm", made)  # a ShareableList holds a block
    if hasattr(held, "apply"):
        held.terminate()
        held.join()
    elif hasattr(held, "unlink"):
        held.close()
        held.unlink()
    elif hasattr(held, "accept") or hasattr(held, "recv"):
        held.close()


def deviations(function: Any, takes: str, is_method: bool) -> list[str]:
    """Return how the parameters of a function differ from those that are promised.

    What it takes beyond them does no harm as long as it can be left out. A function whose parameters cannot be
    told, because it passes on whatever it gets or is not written in Python, is not accused.
    """
    promised = list(inspect.signature(eval(f"lambda {takes[1:-1]}: None")).parameters.values())
    try:
        actual = list(inspect.signature(function).parameters.values())
    except ValueError:
        return []
    if is_method and inspect.isfunction(function):
        actual = actual[1:]  # self
    found = [fault for place, one in enumerate(promised) for fault in faults(one, place, actual)]
    names = [one.name for one in promised]
    for extra in [] if found else actual:
        passes_on = extra.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        if extra.name not in names and extra.default is inspect.Parameter.empty and not passes_on:
            found.append(f"{extra.name} is required, and is not documented")
    return found


def faults(promised: inspect.Parameter, place: int, actual: list[inspect.Parameter]) -> Iterator[str]:
    """Yield what is wrong with one promised parameter, which is the one at ``place`` if it can go by position."""
    name = promised.name
    kinds = [one.kind for one in actual]
    by_position = [one for one in actual if one.kind in BY_POSITION]
    by_name = {one.name: one for one in actual}
    if promised.kind is inspect.Parameter.VAR_POSITIONAL:
        if inspect.Parameter.VAR_POSITIONAL not in kinds:
            yield f"*{name} is missing"
        return
    if promised.kind is inspect.Parameter.KEYWORD_ONLY:
        got = by_name.get(name)
        if got is None:
            if inspect.Parameter.VAR_KEYWORD not in kinds:
                yield f"{name} is missing"
            return
        if got.kind is not inspect.Parameter.KEYWORD_ONLY:
            yield f"{name} can be given by position, promised is by name only"
    elif place < len(by_position):
        got = by_position[place]
        if got.name != name:
            yield f"the parameter at place {place + 1} is called {got.name}, promised is {name}"
            return
        if got.kind is inspect.Parameter.POSITIONAL_ONLY:
            yield f"{name} cannot be given by name"
    elif inspect.Parameter.VAR_POSITIONAL in kinds:
        return
    else:
        yield f"{name} cannot be given by position" if name in by_name else f"{name} is missing"
        return
    if promised.default is ... and got.default is inspect.Parameter.empty:
        yield f"{name} is required, promised is that it can be left out"
    elif promised.default not in (..., inspect.Parameter.empty) and got.default != promised.default:
        default = "no default" if got.default is inspect.Parameter.empty else f"the default {got.default!r}"
        yield f"{name} has {default}, promised is {promised.default!r}"
