"""The requirements that are made of a table: that each documented name exists, and takes what it is documented to.

A section that has a ``table.py`` gets them. The lists in it are read as literals, without importing the module:
``SIGNATURES``, whose entries are ``Entry(name, doc, takes, since=...)``, and ``KEYWORD_CALLS``, whose entries are
``KeywordCall(name, doc, arguments, since=...)``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from mpconform.registry.model import RegistryError, Requirement

TABLE = "table.py"

PREFIX = "signature."
SIGNATURE = PREFIX + "{}"
KEYWORD_CALL = PREFIX + "{}.keyword-call"

LISTS = {SIGNATURE: "SIGNATURES", KEYWORD_CALL: "KEYWORD_CALLS"}
"""The list that holds the entries of the requirements whose ids are made like this."""


def signature_requirements(folder: Path) -> Iterator[Requirement]:
    """Yield the requirements of the table in the folder of a section, if it has one; raise :class:`RegistryError`."""
    file = folder / TABLE
    if not file.is_file():
        return
    for name, doc, takes, since in entries(file, SIGNATURE):
        what = shown(doc)
        if takes:
            says = (
                f"{what} takes {takes}: these parameters in this order, by position and by name, with these defaults."
            )
            if takes == "()":
                says = f"{what} takes no argument that it cannot do without."
            check = (
                "the names, the order, the kinds and the defaults of its parameters, where the documentation puts it"
            )
        else:
            says = f"{what} exists in the package and in its contexts."
            check = "whether the package and its contexts expose it"
        yield made(folder, SIGNATURE.format(name), doc, says, check, since)
    for name, doc, arguments, since in entries(file, KEYWORD_CALL):
        says = f"{shown(doc)} accepts all of its documented parameters by name, as in ({arguments})."
        yield made(folder, KEYWORD_CALL.format(name), doc, says, "the names of the parameters of the class", since)


def made(folder: Path, ident: str, doc: str, says: str, check: str, since: str) -> Requirement:
    """Return a requirement that stands alone."""
    return Requirement(
        id=ident,
        section=folder.name,
        says=says,
        doc=doc,
        level="must",
        since=since,
        until=None,
        platforms=(),
        start_methods=(),
        needs=(),
        check=check,
        untestable=None,
        ambiguous=None,
    )


def shown(doc: str) -> str:
    """Return what an anchor is about, as a reader would write it: ``Process.join()``."""
    return doc.removeprefix("multiprocessing.")


def ids(folder: Path, template: str) -> list[str]:
    """Return the ids that are made like ``template`` of the table in the folder of a section."""
    return [template.format(name) for name, *_ in entries(folder / TABLE, template)]


def entries(file: Path, template: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield the entries of one list of a table: name, anchor, text, first edition; raise :class:`RegistryError`."""
    name = LISTS[template]
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [name]:
            for entry in ast.walk(node.value):
                if isinstance(entry, ast.Call):
                    yield literal(file, entry)


def literal(file: Path, entry: ast.Call) -> tuple[str, str, str, str]:
    """Return what one entry says."""
    try:
        name, doc, text = (ast.literal_eval(argument) for argument in entry.args)
        keywords = {keyword.arg: ast.literal_eval(keyword.value) for keyword in entry.keywords}
    except ValueError:
        raise RegistryError("an entry has three plain strings, and since=...", file, entry.lineno) from None
    return name, doc, text, keywords.get("since", "3.7")
