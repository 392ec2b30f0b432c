"""Process objects: what a process knows of itself, of its parent and of its children.

Rules
-----
* The object on which ``start()`` is called and the one that runs in the child are two copies of one thing. The
  copy in the parent holds a *handle* of the child (pid, sentinel, exit code); the copy in the child is what
  ``current_process()`` returns there. Only the creator may ask about the child.
* How a child comes to life is the start method's affair (:mod:`mpreference.starting`). Whichever it is, the child calls
  :func:`run_child` and nothing else, and ends in :func:`leave`.
* A process that ends does, in this order: it awaits its threads that are no daemons, runs exit handlers (those of
  `atexit`, the last of which runs the finalizers: it terminates the daemonic children and awaits the others), flushes
  what it printed, and exits. The main process does the same by way of the interpreter.
* Exit codes: 0 when ``run()`` returned, that of ``sys.exit()``, 1 after any other exception, -N after signal N.
"""

from __future__ import annotations

import atexit
import itertools
import os
import sys

from mpreference import finalizers, handover, log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, NoReturn

    from mpreference.starting.handles import Handle
    from mpreference.starting.sentinels import Lifeline


class AuthenticationString(bytes):
    """A key. It goes to children when they start, and is never pickled into a message."""

    def __reduce__(self) -> tuple[type[AuthenticationString], tuple[bytes]]:
        if handover.starting_method() is None:
            raise TypeError("an authentication key is pickled for a starting child only: convert it to bytes first")
        return AuthenticationString, (bytes(self),)


class BaseProcess:
    """An activity that runs in a process of its own (`multiprocessing.Process`).

    ``group`` is None. ``target`` is called with ``args`` and ``kwargs`` by :meth:`run`. ``name`` is a text; without one
    it is ``Process-N1:N2:...``, the numbers of the ancestors and its own. ``daemon`` says whether the process is
    terminated when its creator ends; with None it is as the creator is.
    """

    _identity: tuple[int, ...]

    def __init__(
        self,
        group: None = None,
        target: Callable[..., object] | None = None,
        name: str | None = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] = {},
        *,
        daemon: bool | None = None,
    ) -> None:
        if group is not None:
            raise ValueError(f"group must be None, not {group!r}: it exists only to be like threading.Thread")
        creator = current_process()
        self._identity = (*creator._identity, next(_numbers))
        self._name = str(name) if name else "Process-" + ":".join(map(str, self._identity))
        self._daemon = creator.daemon if daemon is None else bool(daemon)
        self._authkey = creator.authkey
        self._creator = os.getpid()
        self._creator_name = creator.name
        self._target = target
        self._args = tuple(args)
        self._kwargs = dict(kwargs)
        self._handle: Handle | None = None
        self._closed = False

    # What runs in the child

    def run(self) -> None:
        """Be the activity: call the target, if there is one (`multiprocessing.Process.run`)."""
        if self._target is not None:
            self._target(*self._args, **self._kwargs)

    # What the creator does

    def start(self) -> None:
        """Start the activity in a child process, once (`multiprocessing.Process.start`)."""
        self._check_open()
        self._check_creator("start")
        if self._handle is not None:
            raise AssertionError(f"{self!r} was started already, and a process is started once")
        if not _complete:
            raise RuntimeError(
                "the main module of a program starts its children below `if __name__ == '__main__':`, "
                "for each child that is not forked runs that module too"
            )
        if current_process().daemon:
            raise AssertionError("a daemonic process may not have children")
        active_children()  # reaps those that have ended
        self._handle = self._launch()
        _children.add(self)
        log.debug("%s was started with pid %d", self._name, self._handle.pid)

    def _launch(self) -> Handle:
        """Start a child that calls :func:`run_child` with a copy of this object: a context's class says how."""
        raise NotImplementedError("use the Process of the package or of a context, not BaseProcess")

    def join(self, timeout: float | None = None) -> None:
        """Block until the child has ended, at most ``timeout`` seconds (`multiprocessing.Process.join`)."""
        self._check_open()
        self._check_creator("join")
        if self._handle is None:
            raise AssertionError(f"{self!r} was not started, so it cannot be joined")
        if self._handle.wait(timeout) is not None:
            _children.discard(self)

    def is_alive(self) -> bool:
        """Return whether the process runs (`multiprocessing.Process.is_alive`)."""
        self._check_open()
        if self is _current:
            return True
        self._check_creator("is_alive")
        if self._handle is None:
            return False
        if self._handle.poll() is None:
            return True
        _children.discard(self)
        return False

    def terminate(self) -> None:
        """End the child by SIGTERM (`multiprocessing.Process.terminate`)."""
        self._send("SIGTERM", "terminate")

    def kill(self) -> None:
        """End the child by SIGKILL (`multiprocessing.Process.kill`)."""
        self._send("SIGKILL", "kill")

    def interrupt(self) -> None:
        """Send SIGINT to the child, which raises KeyboardInterrupt there (`multiprocessing.Process.interrupt`)."""
        self._send("SIGINT", "interrupt")

    def _send(self, name: str, method: str) -> None:
        import signal

        self._check_open()
        self._check_creator(method)
        if self._handle is None:
            raise AssertionError(f"{self!r} was not started, so there is nothing to {method}")
        self._handle.send_signal(signal.Signals[name])

    def close(self) -> None:
        """Release what the object holds; ``ValueError`` while the child runs (`multiprocessing.Process.close`)."""
        if self._handle is not None:
            if self._handle.poll() is None:
                raise ValueError("cannot close a process that still runs: call join() or terminate() first")
            self._handle.close()
            self._handle = None
            _children.discard(self)
        self._closed = True

    # What it is

    @property
    def name(self) -> str:
        """Its name, for the reader only: several may have the same (`multiprocessing.Process.name`)."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"the name of a process is a str, not {name!r}")
        self._name = name

    @property
    def daemon(self) -> bool:
        """Whether it is terminated when its creator ends; set before start() (`multiprocessing.Process.daemon`)."""
        return self._daemon

    @daemon.setter
    def daemon(self, daemon: bool) -> None:
        if self._handle is not None:
            raise AssertionError(f"{self!r} was started already: daemon is set before")
        self._daemon = bool(daemon)

    @property
    def authkey(self) -> AuthenticationString:
        """Its authentication key, a byte string (`multiprocessing.Process.authkey`)."""
        return self._authkey

    @authkey.setter
    def authkey(self, key: bytes) -> None:
        self._authkey = AuthenticationString(key)

    @property
    def exitcode(self) -> int | None:
        """The status with which the child exited, -N for signal N, None before (`multiprocessing.Process.exitcode`)."""
        self._check_open()
        if self is _current:
            return None
        self._check_creator("exitcode")
        return None if self._handle is None else self._handle.poll()

    @property
    def pid(self) -> int | None:
        """Its process id, None before it is started (`multiprocessing.Process.pid`)."""
        self._check_open()
        if self is _current:
            return os.getpid()
        return None if self._handle is None else self._handle.pid

    ident = pid

    @property
    def sentinel(self) -> int:
        """A descriptor that becomes readable when the child ends (`multiprocessing.Process.sentinel`)."""
        self._check_open()
        if self._handle is None:
            raise ValueError(f"{self!r} was not started, so it has no sentinel")
        return self._handle.sentinel

    def _check_open(self) -> None:
        if self._closed:
            raise ValueError("the process object is closed")

    def _check_creator(self, what: str) -> None:
        if self._creator != os.getpid():
            raise AssertionError(f"{what} is for the process that created {self._name}, with pid {self._creator}")

    def __repr__(self) -> str:
        status = [f"name={self._name!r}"]
        if self._closed:
            state = "closed"
        elif self is _current:
            state = "started"
        elif self._handle is None:
            state = "initial"
        elif self._creator != os.getpid():
            state = "unknown"
        else:
            status.append(f"pid={self._handle.pid}")
            code = self._handle.poll()
            state = "started" if code is None else "stopped" + (f" exitcode={code}" if code else "")
        status += [f"parent={self._creator}", state] + (["daemon"] if self._daemon else [])
        return f"<{type(self).__name__} {' '.join(status)}>"

    def __getstate__(self) -> dict[str, Any]:
        handover.assert_starting(self)
        return {name: value for name, value in vars(self).items() if name != "_handle"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _handle=None)


class _MainProcess(BaseProcess):
    """The process that nobody of this package has started."""

    def __init__(self) -> None:
        self._identity = ()
        self._name = "MainProcess"
        self._daemon = False
        self._authkey = AuthenticationString(os.urandom(32))
        self._creator = 0
        self._creator_name = ""
        self._target, self._args, self._kwargs = None, (), {}
        self._handle = None
        self._closed = False

    def close(self) -> None:
        """Do nothing: this object holds nothing."""


class ParentProcess:
    """The parent of this process, as far as a child may know it (`multiprocessing.parent_process`)."""

    def __init__(self, name: str, pid: int, lifeline: Lifeline) -> None:
        self.name = name
        self.pid = self.ident = pid
        self._lifeline = lifeline

    @property
    def sentinel(self) -> int:
        """A descriptor that becomes readable when the parent ends."""
        return self._lifeline.descriptor

    def is_alive(self) -> bool:
        """Return whether the parent still runs."""
        return not self._lifeline.wait(0)

    def join(self, timeout: float | None = None) -> None:
        """Block until the parent has ended, at most ``timeout`` seconds."""
        self._lifeline.wait(timeout)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name!r} pid={self.pid}>"


def current_process() -> BaseProcess:
    """Return the object of the process that calls (`multiprocessing.current_process`)."""
    return _current


def parent_process() -> ParentProcess | None:
    """Return the parent of the process that calls; None in a main process (`multiprocessing.parent_process`)."""
    return _parent


def active_children() -> list[BaseProcess]:
    """Return the children that run, and join those that have ended (`multiprocessing.active_children`)."""
    return [child for child in list(_children) if child.is_alive()]


def drop_exit_handlers() -> None:
    """Forget, in a child that began as a copy of another process, what that one has to do at its exit."""
    atexit._clear()
    atexit.register(finalizers.run_finalizers)


def adopt_parent(name: str, pid: int, lifeline: Lifeline) -> None:
    """Be a child from now on: of the process with this name and pid, of whose death ``lifeline`` tells.

    Until :func:`run_child` is called, its main module may be running, which must start no children.
    """
    global _parent, _complete
    _parent = ParentProcess(name, pid, lifeline)
    _complete = False


def run_child(process: BaseProcess) -> int:
    """Run the activity of ``process`` in this child; return the exit code, with which to :func:`leave`."""
    global _current, _numbers, _complete
    _numbers = itertools.count(1)
    _current, _complete = process, True
    _replace_stdin()
    log.info("child process calling self.run()")
    try:
        process.run()
    except SystemExit as asked:
        return exit_code(asked.code)
    except BaseException:  # noqa: BLE001 - shown, and told by the exit code
        _print_exception(process)
        return 1
    return 0


def leave(code: int) -> NoReturn:
    """End this child as an interpreter ends, except for tearing down its memory. Does not return."""
    try:
        if "threading" in sys.modules:  # without it there are no threads
            import threading

            for thread in threading.enumerate():
                if thread is not threading.current_thread() and not thread.daemon:
                    thread.join()
        atexit._run_exitfuncs()
    except BaseException:  # noqa: BLE001 - as the interpreter does with what exit handlers raise
        _print_exception(_current)
    finally:
        log.info("process exiting with exitcode %d", code)
        _flush()
        os._exit(code & 0xFF)


def exit_code(code: object) -> int:
    """Return the exit code for the argument of `sys.exit`, and print it if it is a message."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    if sys.stderr is not None:
        sys.stderr.write(f"{code}\n")
    return 1


def _print_exception(process: BaseProcess) -> None:
    import traceback

    if sys.stderr is not None:
        sys.stderr.write(f"Process {process._name}:\n{traceback.format_exc()}")
        sys.stderr.flush()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            pass  # closed by the program, or nobody reads any more: there is nobody to tell


def _replace_stdin() -> None:
    """Let no child read what is typed for its parent: its standard input is empty."""
    if sys.stdin is None:
        return
    try:
        if sys.stdin is not sys.__stdin__:
            sys.stdin.close()
        # Else it stays open: to close it would wait, for ever, for a thread that was reading when this was forked.
        sys.stdin = open(os.open(os.devnull, os.O_RDONLY), encoding="utf-8", closefd=False)  # noqa: SIM115
    except (OSError, ValueError):
        pass  # a program that has no usable standard input loses nothing


def _end_children() -> None:
    """Terminate the daemonic children of this process, and await all its children."""
    children = active_children()
    for child in children:
        if child.daemon:
            child.terminate()
    for child in children:
        child.join()


_children: set[BaseProcess] = set()
_numbers = itertools.count(1)
_parent: ParentProcess | None = None
_complete = True
_current: BaseProcess = _MainProcess()


def _begin() -> None:
    """Begin, in every process, without children."""
    _children.clear()
    finalizers.Finalizer(None, _end_children, priority=finalizers.CHILDREN)


_begin()
os.register_at_fork(after_in_child=_begin)
