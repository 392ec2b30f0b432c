"""Managers: the objects by which a program has a server, and creates shared objects in it.

A manager is *started*, and then a child process runs its server, which ends with it; or it is *connected* to a server
that runs somewhere, and that is ended by others; or it makes a server for the process that it is in.

The process of a manager that was started serves until one of these:

* `BaseManager.shutdown` tells it to end, by a pipe; so does the collection of the manager, and the end of its
  process. If it has not ended in time it is terminated, and then killed.
* The process that has started it has ended, however that was.
"""

from __future__ import annotations

import os
import signal
import traceback

from mpreference import log
from mpreference.authentication import check_key
from mpreference.finalizers import MANAGERS, Finalizer
from mpreference.managers.links import Link
from mpreference.managers.messages import RemoteError, Token
from mpreference.managers.proxies import AutoProxy
from mpreference.process import AuthenticationString, current_process, parent_process
from mpreference.streams import Connection, Pipe
from mpreference.waiting import wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from typing import Any, TypeVar

    from mpreference.addresses import Address
    from mpreference.context import BaseContext
    from mpreference.managers.proxies import BaseProxy, Factory
    from mpreference.managers.server import Server
    from mpreference.process import BaseProcess

    Self = TypeVar("Self", bound="BaseManager")

SERIALIZERS = ("pickle", "xmlrpclib")


class Registration:
    """What is known of a type that was registered."""

    def __init__(
        self,
        create: Callable[..., Any] | None,
        proxytype: Factory,
        exposed: Collection[str] | None,
        method_to_typeid: Mapping[str, str],
    ) -> None:
        self.create = create
        self.proxytype = proxytype
        self.exposed = exposed
        self.method_to_typeid = method_to_typeid


class BaseManager:
    """A manager without types of its own (`multiprocessing.managers.BaseManager`).

    ``address`` is where its server listens, by default somewhere. ``authkey``, a byte string, is by default that of
    the process. ``serializer`` is ``"pickle"`` or ``"xmlrpclib"``. ``ctx`` is the context by which the server's process
    is started. `shutdown` waits ``shutdown_timeout`` seconds for that to end.
    """

    _registry: dict[str, Registration] = {}  # noqa: RUF012 - each class that registers has one of its own

    if TYPE_CHECKING:

        def __getattr__(self, typeid: str) -> Any:
            """Have a method for each type that was registered."""

    def __init__(
        self,
        address: Address | None = None,
        authkey: bytes | None = None,
        serializer: str = "pickle",
        ctx: BaseContext | None = None,
        *,
        shutdown_timeout: float = 1.0,
    ) -> None:
        if authkey is None:
            authkey = current_process().authkey
        check_key(authkey)
        if serializer not in SERIALIZERS:
            raise ValueError(f"a serializer is {' or '.join(map(repr, SERIALIZERS))}, not {serializer!r}")
        self._address = address
        self._authkey = AuthenticationString(authkey)
        self._serializer = serializer
        self._context = _default_context() if ctx is None else ctx
        self._timeout = shutdown_timeout
        self._link: Link | None = None
        self._process: BaseProcess | None = None
        self._end: Finalizer | None = None

    # Types

    @classmethod
    def register(
        cls,
        typeid: str,
        callable: Callable[..., Any] | None = None,  # noqa: A002 - the documented name
        proxytype: Factory | None = None,
        exposed: Collection[str] | None = None,
        method_to_typeid: Mapping[str, str] | None = None,
        create_method: bool = True,
    ) -> None:
        """Make a type known to this class and its subclasses (`multiprocessing.managers.BaseManager.register`).

        Its objects are created by ``callable``, which only a server needs. Proxies for them are made by ``proxytype``,
        by default of a class with all methods that are exposed; these are ``exposed``, else ``proxytype._exposed_``,
        else the public ones. Methods in ``method_to_typeid``, else in ``proxytype._method_to_typeid_``, return
        proxies. With ``create_method`` the class gets a method ``typeid``, which creates an object.
        """
        if not isinstance(typeid, str):
            raise TypeError(f"a typeid is a str, not {typeid!r}")
        if proxytype is None:
            proxytype = AutoProxy
        if exposed is None:
            exposed = getattr(proxytype, "_exposed_", None)
        if method_to_typeid is None:
            method_to_typeid = getattr(proxytype, "_method_to_typeid_", None)
        if "_registry" not in vars(cls):
            cls._registry = {}
        cls._registry[typeid] = Registration(
            callable, proxytype, None if exposed is None else tuple(exposed), dict(method_to_typeid or {})
        )
        if create_method:

            def create(self: BaseManager, /, *args: Any, **kwds: Any) -> BaseProxy:
                return self._create(typeid, args, kwds)

            create.__name__ = create.__qualname__ = typeid
            create.__doc__ = f"Create a shared object of the type {typeid!r}, and return a proxy for it."
            setattr(cls, typeid, create)

    @classmethod
    def registry(cls) -> dict[str, Registration]:
        """Return all types that were registered with this class and its bases."""
        found: dict[str, Registration] = {}
        for kind in reversed(cls.__mro__):
            found.update(vars(kind).get("_registry", {}))
        return found

    def _create(self, typeid: str, args: tuple[Any, ...], kwds: dict[str, Any]) -> BaseProxy:
        if self._link is None:
            raise RuntimeError(f"this {type(self).__name__} has no server: call start() or connect() first")
        ident, exposed = self._link.ask("create", (typeid, *args), kwds)
        token = Token(typeid, self._link.address, ident)
        proxytype = self.registry()[typeid].proxytype
        return proxytype(token, self._link, exposed=exposed, held=True, manager=self)

    # Servers

    def start(self, initializer: Callable[..., object] | None = None, initargs: Iterable[Any] = ()) -> None:
        """Start a process that runs the server (`multiprocessing.managers.BaseManager.start`).

        It calls ``initializer(*initargs)`` first. Raises what keeps it from serving: ``OSError`` for an address
        that cannot be used, or what the initializer raises.
        """
        self._check_new()
        if initializer is not None and not hasattr(initializer, "__call__"):  # noqa: B004 - the name is hidden here
            raise TypeError(f"the initializer is a function, not {initializer!r}")
        report, report_there = Pipe(duplex=False)
        stop_there, stop = Pipe(duplex=False)
        process: BaseProcess = self._context.Process(  # type: ignore[attr-defined]
            target=_run_server,
            args=(
                (self.registry(), self._address, bytes(self._authkey), self._serializer),
                (initializer, tuple(initargs)),
                self._context.get_start_method(),
                report_there,
                stop_there,
            ),
        )
        process.name = f"{type(self).__name__}-{process.name.partition('-')[2]}"
        process.start()
        report_there.close()
        stop_there.close()
        address = _await_address(report, process)
        self._process = process
        self._link = Link(address, self._authkey, self._serializer)
        self._end = Finalizer(self, _end_process, (process, stop, self._timeout, address), priority=MANAGERS)

    def connect(self) -> None:
        """Connect to the server at the address (`multiprocessing.managers.BaseManager.connect`).

        Raises ``OSError`` if there is none, and ``AuthenticationError`` if it has another key.
        """
        self._check_new()
        if self._address is None:
            raise ValueError("a manager is connected to the address that it was given, and this one was given none")
        link = Link(self._address, self._authkey, self._serializer)
        link.open()
        self._link = link

    def get_server(self) -> Server:
        """Return a server, for this process to run (`multiprocessing.managers.BaseManager.get_server`)."""
        from mpreference.managers.server import Server

        self._check_new()
        return Server(self.registry(), self._address, self._authkey, self._serializer)

    def _check_new(self) -> None:
        if self._link is not None:
            raise RuntimeError(f"this {type(self).__name__} has a server already")

    def shutdown(self) -> None:
        """End the process that start() has started, if it still runs (`...managers.BaseManager.shutdown`)."""
        if self._end is None:
            raise RuntimeError(f"this {type(self).__name__} was not started, so there is no process to shut down")
        self._end()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the process that start() has started has ended, at most ``timeout`` seconds."""
        if self._process is None:
            raise RuntimeError(f"this {type(self).__name__} was not started, so there is no process to wait for")
        self._process.join(timeout)

    @property
    def address(self) -> Address | None:
        """The address of the server (`multiprocessing.managers.BaseManager.address`)."""
        return self._address if self._link is None else self._link.address

    def __enter__(self: Self) -> Self:
        if self._link is None:
            self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"a {type(self).__name__} cannot be pickled: connect another one to its address")


def _default_context() -> BaseContext:
    from mpreference import context  # which is above this module

    return context.default


def _await_address(report: Connection, process: BaseProcess) -> Address:
    """Return the address at which the process serves; raise what kept it from that."""
    address: Address | None = None
    error: Exception | None = None
    text = ""
    with report:
        wait([report, process.sentinel])
        try:
            if report.poll():
                address, error, text = report.recv()
        except EOFError:
            pass  # it ended without a word
    if address is not None:
        return address
    process.join()
    error = error or RuntimeError(f"the manager's process ended with {process.exitcode} before it served")
    raise error from (RemoteError(text) if text else None)


def _run_server(
    server_arguments: tuple[Any, ...],
    initializing: tuple[Callable[..., object] | None, tuple[Any, ...]],
    method: str,
    report: Connection,
    stop: Connection,
) -> None:
    """Be the process of a manager."""
    from mpreference.managers.server import Server

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the program, which shuts its managers down
    _default_context().set_start_method(method, force=True)  # the children of this process start as it was started
    initializer, initargs = initializing
    try:
        if initializer is not None:
            initializer(*initargs)
        server = Server(*server_arguments)
    except Exception as error:  # noqa: BLE001 - raised by start()
        text = traceback.format_exc()
        try:
            report.send((None, error, text))
        except Exception:  # noqa: BLE001 - it cannot be pickled
            report.send((None, None, text))
        raise SystemExit(1) from None
    current_process().authkey = server.link.authkey  # the children of this process have proxies of the server, too
    report.send((server.address, None, ""))
    report.close()
    parent = parent_process()
    server.serve_until([stop] if parent is None else [stop, parent.sentinel])
    log.info("manager exiting with exitcode 0")


def _end_process(process: BaseProcess, stop: Connection, timeout: float, address: Address) -> None:
    log.info("sending shutdown message to manager")
    try:
        stop.send_bytes(b"")
    except OSError:
        pass  # it has ended
    stop.close()
    for force in (None, process.terminate, process.kill):
        if force is not None:
            force()
        process.join(None if force == process.kill else timeout)
        if not process.is_alive():
            break
    if process.exitcode and isinstance(address, str) and not address.startswith("\0"):
        try:
            os.unlink(address)  # what the process could not do any more
        except OSError:
            pass
