"""Where a child begins that is not forked from its parent: the functions that its command line calls."""

from __future__ import annotations

import os

from mpreference import handover
from mpreference.process import leave, run_child
from mpreference.starting import preparation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def spawned(descriptors: list[int]) -> NoReturn:
    """Be a spawned child. ``descriptors``: where to read, then what the tickets mean."""
    be_child(descriptors[0], descriptors[1:], None)


def spawned_with_pipes(descriptors: list[int]) -> NoReturn:
    """Be a spawned child where sentinels are pipes: the lifeline comes second, and what the parent watches third."""
    os.set_inheritable(descriptors[2], False)
    be_child(descriptors[0], descriptors[3:], descriptors[1])


def be_child(reader: int, given: list[int], lifeline: int | None) -> NoReturn:
    """Read what is to be done, do it, and end."""
    for descriptor in given:
        os.set_inheritable(descriptor, False)
    handover.receive(given)
    code = 1
    try:
        with open(reader, "rb") as pipe:
            data = pipe.read()
        if data:  # else the parent ended before it said anything
            code = run_child(preparation.receive(data, lifeline))
    except SystemExit as asked:  # the main module ends the child when it is run
        code = asked.code if isinstance(asked.code, int) else int(asked.code is not None)
    except BaseException:  # noqa: BLE001 - shown, and told by the exit code
        import traceback

        traceback.print_exc()
    leave(code)


def run_if_frozen_child() -> None:
    """Be the child that the arguments of this frozen program ask for, if they do."""
    import sys

    if len(sys.argv) > 2 and sys.argv[1] == preparation.FROZEN:
        from importlib import import_module

        module, _, name = sys.argv[2].partition(":")
        getattr(import_module(module), name)([int(number) for number in sys.argv[3:]])
