"""Adapters of threads behind the API of ``multiprocessing``, and of the standard library under green threads."""

from __future__ import annotations

import importlib
from typing import Any

from mpadapters.contract import Adapter
from mpadapters.namespaces import Borrowing


class Dummy(Adapter):
    """``multiprocessing.dummy``: threads behind the API of multiprocessing.

    Its documentation says that it replicates the API and is no more than a wrapper around ``threading``. It has no
    start method; a thread sees the memory of its parent, as a forked child does.
    """

    name = "dummy"
    package = "multiprocessing.dummy"
    preload = True
    aliases = {"pool.Pool": "pool.ThreadPool"}  # noqa: RUF012 - what its Pool() is documented to return
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
        *("simple_queue*", "cpu_count*", "parent_process*", "value*", "array*"),
        *("lock.call.returns-a-synchronize-lock", "rlock.call.returns-a-synchronize-rlock"),
        # Manager() returns no object of a class of managers, and no proxies,
        *("manager.call.returns-a-sync-manager", "sync_manager.class.*", "sync_manager.methods.return-proxies"),
        *("sync_manager.methods.create-a-new-object-each-time", "signature.sync_manager.*", "signature.base_proxy.*"),
        *("namespace_object.class.*", "namespace_object.repr.*", "namespace_object.underscore.*"),
        *("signature.namespace_object", "signature.deliver_challenge", "signature.answer_challenge"),
        # A thread has no id of a process, no sentinel and no key, and nothing ends it from outside.
        *("process.pid.*", "process.sentinel.*", "process.authkey.*", "connection.fileno.*"),
        *("process.terminate.*", "process.kill.*", "signature.process.terminate", "signature.process.kill"),
        # The documentation of ThreadPool: unlike Pool, it takes neither of these.
        *("pool.maxtasksperchild.*", "pool.context.*", "signature.pool", "signature.pool.keyword-call"),
        *("signature.pool_factory", "signature.pool_factory.keyword-call"),
    )

    def namespace(self, start_method: str) -> Any:  # noqa: ARG002
        """Return the module, with that of ``ThreadPool`` and what its results raise, which are of multiprocessing."""
        importlib.import_module(f"{self.package}.connection")
        package = importlib.import_module("multiprocessing")
        pool = importlib.import_module("multiprocessing.pool")
        return Borrowing(self.module(), pool=pool, TimeoutError=package.TimeoutError)


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
