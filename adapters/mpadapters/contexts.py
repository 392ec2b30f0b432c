"""Adapters of contexts that stand on the standard library's package and take from it what they do not change."""

from __future__ import annotations

from mpadapters.contract import Adapter


class Loky(Adapter):
    """loky's context: a fresh interpreter for each child, as under ``spawn``, that does not import the main module."""

    name = "loky"
    package = "loky.backend"
    install = "loky"
    preload = True
    methods = {"spawn": "loky"}  # noqa: RUF012
    rest = ("multiprocessing",)
    context_only = True
    # The thread of a queue keeps the queue, so no queue is closed by being garbage, as the test of that promise tells.
    keeps = ("QueueFeederThread",) * 4 + ("pipe:*",) * 8
    unsupported = "loky has contexts, and takes the functions of the package from multiprocessing"


class LokyInitMain(Loky):
    """loky's context whose children import the main module."""

    name = "loky-init-main"
    methods = {"spawn": "loky_init_main"}  # noqa: RUF012


class Torch(Adapter):
    """``torch.multiprocessing``: the standard library's package, with reductions and a pool of its own."""

    name = "torch"
    package = "torch.multiprocessing"
    install = "torch"
    preload = True
    rest = ("multiprocessing",)
    borrows = {"pool": "multiprocessing.pool"}  # noqa: RUF012 - whose classes its contexts use; its own is no part of it
