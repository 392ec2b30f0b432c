"""Every documented name exists where the documentation puts it, and takes what it is documented to take."""

from __future__ import annotations

from mpconform.kit import each, verifies_each
from mpconform.sections.signatures.helpers import MISSING, deviations, follow, places
from mpconform.sections.signatures.table import KEYWORD_CALLS, SIGNATURES


@verifies_each("signature.{}", "entry")
@each("entry", SIGNATURES)
def test_the_name_takes_what_is_documented(mp, package, entry):
    for place, thing, is_method in places(mp, package, entry.doc):
        assert thing is not MISSING, f"{place}: there is no such name, promised is {entry.doc}{entry.takes}"
        if not entry.takes:
            assert isinstance(thing, type), f"{place}: is {thing!r}, promised is a class"
            continue
        found = deviations(thing, entry.takes, is_method)
        assert not found, f"{place}, promised to take {entry.takes}: " + "; ".join(found)


@verifies_each("signature.{}.keyword-call", "entry")
@each("entry", KEYWORD_CALLS)
def test_the_class_accepts_its_parameters_by_name(mp, entry):
    path = entry.doc.removeprefix("multiprocessing.").split(".")
    factory = follow(mp, path)
    assert factory is not MISSING, f"{entry.doc}: there is no such name"
    try:
        made = factory(**eval(f"dict({entry.arguments})"))
    except TypeError as error:
        raise AssertionError(
            f"{path[-1]}({entry.arguments}): promised are these parameters, raised {error!r}"
        ) from error
    if "Pool" in path:
        made.terminate()
        made.join()
    elif "Listener" in path:
        made.close()
    elif "SharedMemory" in path:
        made.close()
        made.unlink()
    elif "ShareableList" in path:
        made.shm.close()
        made.shm.unlink()
