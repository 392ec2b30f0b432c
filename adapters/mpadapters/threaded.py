"""Adapters of threads behind the API of ``multiprocessing``, and of the standard library under green threads."""

from __future__ import annotations

import importlib
from typing import Any

from mpadapters.contract import Adapter


class Dummy(Adapter):
    """``multiprocessing.dummy``: threads behind the API of multiprocessing.

    Its documentation says that it replicates the API and is no more than a wrapper around ``threading``. It has no
    start method; a thread sees the memory of its parent, as a forked child does.
    """

    name = "dummy"
    package = "multiprocessing.dummy"
    preload = True
    threads = True
    context_only = True  # and no context either: there is nothing to choose
    methods = {"fork": "fork"}  # noqa: RUF012
    unsupported = "a wrapper around threading: what is not in its __all__, and what takes a process, it does not offer"
    lacks = (
        # What is neither in __all__ of the module nor exported beside it. Nothing but objects of one process is there:
        *("shared_memory*", "shareable_list*", "sharedctypes*", "raw_value*", "raw_array*", "copy*", "synchronized*"),
        # no addresses and no files behind connections,
        *("listener*", "client*", "wait*", "challenge*", "address*", "authkey*", "get_logger*", "log_to_stderr*"),
        # no managers but Manager(), which returns the module,
        *("base_manager*", "remote_manager*", "custom_manager*", "shared_memory_manager*", "proxy*"),
        # and none of these names.
        *("process_error*", "buffer_too_short*", "authentication_error*", "timeout_error*", "exceptions*", "dummy*"),
        *("simple_queue*", "cpu_count*", "parent_process*"),
    )

    def namespace(self, start_method: str) -> Any:  # noqa: ARG002
        """Return the module."""
        importlib.import_module(f"{self.package}.connection")
        return self.module()


class Gevent(Adapter):
    """The standard library's package after gevent has patched what it stands on."""

    name = "gevent"
    package = "multiprocessing"
    install = "gevent"
    before = "from gevent import monkey\nmonkey.patch_all()"

    def version(self) -> str:
        """Return the version of gevent: what is judged is its patch."""
        self.module()
        return str(importlib.import_module("gevent").__version__)


class Eventlet(Adapter):
    """The standard library's package after eventlet has patched what it stands on."""

    name = "eventlet"
    package = "multiprocessing"
    install = "eventlet"
    before = "import eventlet\neventlet.monkey_patch()"

    def version(self) -> str:
        """Return the version of eventlet: what is judged is its patch."""
        self.module()
        return str(importlib.import_module("eventlet").__version__)
