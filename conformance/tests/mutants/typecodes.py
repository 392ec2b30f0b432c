"""Mutants that the two sections on shared ctypes have in common: typecodes that stand for another type."""

from __future__ import annotations

import ctypes
from multiprocessing import sharedctypes

from mutants import mutant

CODES = "bBuhHiIlLQfd"
"""All but q, which each section breaks by itself."""


def wrong_typecodes(module: str, *requirements: str) -> None:
    """Register, for a section's module, a mutant for each typecode, which stands for a type of another size or sign."""
    for code in CODES:
        wrong_typecode(module, code, requirements)


def wrong_typecode(module: str, code: str, requirements: tuple[str, ...]) -> None:
    """Register one of them."""

    def change() -> None:
        kind = sharedctypes.typecode_to_type[code]
        sharedctypes.typecode_to_type[code] = ctypes.c_short if kind is ctypes.c_byte else ctypes.c_byte

    change.__module__ = module
    change.__name__ = f"the_typecode_{'small' if code.islower() else 'large'}_{code.lower()}_is_of_another_type"
    mutant(*requirements)(change)
