"""Every documented name exists where the documentation puts it, and takes what it is documented to take."""

from __future__ import annotations

from mpconform.kit import promise, verifies, verifies_each
from mpconform.sections.signatures.helpers import MISSING, check, end, follow
from mpconform.sections.signatures.table import KEYWORD_CALLS, RENAMED, SIGNATURES


@verifies_each("signature.{}", SIGNATURES)
def test_each_name_takes_what_is_documented(mp, package):
    for entry in SIGNATURES:
        with promise(f"signature.{entry.name}"):
            check(mp, package, entry.doc, entry.takes)


@verifies(
    "signature.connection.send_bytes",
    "signature.connection.recv_bytes_into",
    "signature.connection.send_bytes-buf",
    "signature.connection.recv_bytes_into-buf",
)
def test_parameters_have_the_name_of_the_edition(mp, package):
    for entry in RENAMED:
        with promise(f"signature.{entry.name}"):
            check(mp, package, entry.doc, entry.takes)


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
