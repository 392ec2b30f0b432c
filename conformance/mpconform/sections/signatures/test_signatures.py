"""Every documented name exists where the documentation puts it, and takes what it is documented to take."""

from __future__ import annotations

from mpconform.kit import promise, verifies_each
from mpconform.sections.signatures.helpers import MISSING, deviations, end, follow, places
from mpconform.sections.signatures.table import KEYWORD_CALLS, SIGNATURES


@verifies_each("signature.{}", SIGNATURES)
def test_each_name_takes_what_is_documented(mp, package):
    for entry in SIGNATURES:
        with promise(f"signature.{entry.name}"):
            for place, thing, is_method in places(mp, package, entry.doc):
                assert thing is not MISSING, f"{place}: there is no such name, promised is {entry.doc}{entry.takes}"
                if not entry.takes:
                    assert isinstance(thing, type), f"{place}: is {thing!r}, promised is a class"
                    continue
                found = deviations(thing, entry.takes, is_method)
                assert not found, f"{place}, promised to take {entry.takes}: " + "; ".join(found)


@verifies_each("signature.{}.keyword-call", KEYWORD_CALLS)
def test_each_class_accepts_its_parameters_by_name(mp):
    for entry in KEYWORD_CALLS:
        with promise(f"signature.{entry.name}.keyword-call"):
            name = entry.doc.removeprefix("multiprocessing.")
            factory = follow(mp, name)
            assert factory is not MISSING, f"{entry.doc}: there is no such name"
            try:
                made = factory(**eval(f"dict({entry.arguments})"))
            except TypeError as error:
                raise AssertionError(
                    f"{name}({entry.arguments}): promised are these parameters, raised {error!r}"
                ) from error
            end(made)
