"""Hypothesis strategies of what simple ctypes types hold, and settings; not for children to import."""

from __future__ import annotations

import ctypes
import string
from collections.abc import Iterator
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st

from mpconform.sections.shared_ctypes_objects.helpers import SIMPLE

unshrunk = settings(phases=[Phase.explicit, Phase.generate])
"""To shrink a failure may outlast a test; and these failures say all there is to know."""

UNSIGNED = (ctypes.c_ubyte, ctypes.c_ushort, ctypes.c_uint, ctypes.c_ulong, ctypes.c_ulonglong)


def limits(kind: Any) -> list[Any]:
    """Return the values of a simple ctypes type that lie at its ends."""
    bits = 8 * ctypes.sizeof(kind)
    if kind is ctypes.c_bool:
        return [False, True]
    if kind is ctypes.c_char:
        return [b"\0", b"\xff"]
    if kind is ctypes.c_wchar:
        return ["\0", "\uffff" if bits == 16 else "\U0010ffff"]
    if kind is ctypes.c_float:
        return [0.0, float.fromhex("0x1.fffffep+127"), float.fromhex("-0x1p-149"), float("inf")]
    if kind in (ctypes.c_double, ctypes.c_longdouble):
        return [0.0, float.fromhex("0x1.fffffffffffffp+1023"), float.fromhex("-0x1p-1074"), float("-inf")]
    if kind in UNSIGNED:
        return [0, 2**bits - 1]
    return [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy of all values of a simple ctypes type, with a liking for the limits."""
    bits = 8 * ctypes.sizeof(kind)
    least, *_, most = limits(kind)
    if kind is ctypes.c_bool:
        return st.booleans()
    if kind is ctypes.c_char:
        return st.integers(0, 255).map(lambda number: bytes([number]))
    if kind is ctypes.c_wchar:
        return st.sampled_from(["\0", most, *string.ascii_letters]) | st.characters(
            exclude_categories=["Cs"], max_codepoint=ord(most)
        )
    if kind in (ctypes.c_float, ctypes.c_double, ctypes.c_longdouble):
        return st.sampled_from(limits(kind)) | st.floats(allow_nan=False, width=32 if kind is ctypes.c_float else 64)
    assert bits % 8 == 0, f"{kind} is no integer type"
    return st.sampled_from(limits(kind)) | st.integers(least, most)


SIMPLE_VALUES = st.integers(0, len(SIMPLE) - 1).flatmap(
    lambda position: st.tuples(st.just(position), values(SIMPLE[position]), values(SIMPLE[position]))
)
"""The position of a simple type, a value of it to send and a value of it to come back."""

STRUCTURES = st.tuples(
    st.booleans(),
    values(ctypes.c_longlong),
    st.binary(max_size=7).filter(lambda name: b"\0" not in name),
    st.tuples(values(ctypes.c_double), values(ctypes.c_double)),
    st.lists(values(ctypes.c_short), min_size=3, max_size=3),
)
"""Values for the fields of a :class:`Mixed`."""


def each_limit() -> Iterator[tuple[int, Any, Any]]:
    """Yield the position of each simple type with each of its limits, and another one to come back."""
    for position, kind in enumerate(SIMPLE):
        ends = limits(kind)
        for number, end in enumerate(ends):
            yield position, end, ends[number - 1]
