"""Mutants of names and signatures: for each entry of the table, a name that takes something else."""

from __future__ import annotations

import importlib
import multiprocessing
import multiprocessing.context
import multiprocessing.process
from collections.abc import Callable
from functools import partial, reduce
from typing import Any

from mpconform.registry.signatures import KEYWORD_CALL, SIGNATURE
from mpconform.sections.signatures.helpers import INSTANCES, SUBMODULES
from mpconform.sections.signatures.table import KEYWORD_CALLS, RENAMED, SIGNATURES
from mutants import mutant

UNSEEN: dict[str, str] = {}


def wrong(self: Any, *, wrong: Any) -> None:
    """Take what nothing is documented to take."""


def by_position_only(original: Callable[..., Any], *args: Any) -> Any:
    return original(*args)


def below(owner: Any, path: list[str]) -> Any:
    """Return the attribute of an attribute, and so on."""
    return reduce(getattr, path, owner)


def put(path: list[str], instead: Any) -> None:
    """Put something in the place of what a documented path leads to, wherever the documentation puts that."""
    *owners, name = path
    if not owners:
        setattr(multiprocessing, name, instead)
        for method in multiprocessing.get_all_start_methods():
            setattr(type(multiprocessing.get_context(method)), name, staticmethod(instead) if instead else None)
    elif owners[0] in INSTANCES:
        original = getattr(multiprocessing.context.BaseContext, owners[0])

        def make(self: Any, *args: Any) -> Any:
            made = original(self, *args)
            setattr(made, name, instead)
            return made

        setattr(multiprocessing.context.BaseContext, owners[0], make)
    elif owners[0] in SUBMODULES:
        module = importlib.import_module(f"multiprocessing.{owners[0]}")
        setattr(below(module, owners[1:]), name, instead)
    else:
        setattr(multiprocessing.process.BaseProcess, name, instead)


def register(ident: str, doc: str, instead: Callable[[list[str]], Any]) -> None:
    """Register the mutant of one entry."""
    path = doc.split(".")[1:]

    def change() -> None:
        put(path, instead(path))

    change.__name__ = ident.replace(".", "_").replace("-", "_")
    mutant(ident)(change)


def original(path: list[str]) -> Any:
    """Return what a documented path leads to."""
    if path[0] in SUBMODULES:
        return below(importlib.import_module(f"multiprocessing.{path[0]}"), path[1:])
    return below(multiprocessing, path)


for entry in [*SIGNATURES, *RENAMED]:
    register(SIGNATURE.format(entry.name), entry.doc, lambda path, takes=entry.takes: wrong if takes else None)
for call in KEYWORD_CALLS:
    register(KEYWORD_CALL.format(call.name), call.doc, lambda path: partial(by_position_only, original(path)))
