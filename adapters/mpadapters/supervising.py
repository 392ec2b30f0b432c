"""Running another's code below a supervisor, so that nothing of it is left, whoever dies.

::

    the caller                 asks, and waits at most so long
    └─ supervisor              a process of its own session; on Linux it adopts every orphan below it
       └─ charge               runs the code, which may hang, crash, print, and start what it likes
          └─ whatever that starts

Each of the upper two holds a pipe to the standard input of the one below, on which it never writes: the end of that
input is the word to finish. It comes when the one above closes the pipe, and when it dies by any means. Each of the
lower two tells what it has to in lines of JSON, on a pipe that nothing of the backend's gets hold of.

A supervisor that was told to finish lets its charge do so (call ``stop()``, for a server), at most ``limit`` seconds
long, then ends whatever is left below it, and itself. It runs no code but this module's.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import IO, Any

MARK = "MPADAPTERS_BELOW"
"""The environment variable by which all that is below a supervisor can be told, where no orphan is adopted."""

GRACE = 1.0
"""Seconds that what is left below has to end by itself when it is asked to, before it is killed."""

KILL_PATIENCE = 5.0
"""Seconds after which a process that outlives being killed is given up: the kernel holds it."""

SLACK = 60.0
"""Seconds that a supervisor, which waits for nothing without a limit, may take longer than what it waits for."""

SLICE = 0.1
"""Seconds between two looks at whether the one above is still there."""

BEGIN = b"\x1empadapters:"
"""What is in front of each line that is told."""

WORDS = 4096
"""Bytes, from the end, of what a process printed to its standard error that are looked at for its last words."""


class Lost(Exception):
    """A process below told nothing; the message is how it ended, or that it has not."""


class Below:
    """A process below this one that is told to finish by the end of its input, and tells lines of JSON."""

    def __init__(self, code: str, words: IO[bytes] | None, environment: dict[str, str], **options: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *options.pop("flags", []), "-c", f"import sys; sys.path[:] = {sys.path!r}; {code}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            env=environment,
            **options,
        )
        self._listener: threading.Thread | None = None
        self._line = b""

    def hear(self, limit: float, given_up: Callable[[], bool] = lambda: False) -> dict[str, Any] | None:
        """Return what it tells next; None if it ends before, is not done within ``limit``, or ``given_up()`` is true.

        The thread that listens is gone afterwards, for a caller that forks, unless nothing was told in time.
        """
        if self._listener is None:  # else it still waits for what was not told in time
            self._listener = threading.Thread(target=self._listen, daemon=True)
            self._listener.start()
        end = time.monotonic() + limit
        while self._listener.is_alive() and time.monotonic() < end and not given_up():
            dead = self.process.poll() is not None  # and what it has started may hold its end of the pipe
            self._listener.join(SLICE)  # in slices: on Windows nothing else lets Ctrl-C through
            if dead:
                break
        if self._listener.is_alive():
            return None
        self._listener = None
        if self._line.endswith(b"\n"):  # whole
            told: dict[str, Any] = json.loads(self._line)
            return told
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE)  # its pipe is closed some time before it has ended
        return None

    def _listen(self) -> None:
        assert self.process.stdout is not None
        self._line = b""
        for line in self.process.stdout:
            _, begin, self._line = line.partition(
                BEGIN
            )  # in front of it: noise of what prints before it comes to charge()
            if begin:
                return

    def finish(self) -> None:
        """Tell it to finish."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def ended(self, limit: float) -> bool:
        """Return whether it ends within ``limit`` seconds; if not, it is killed."""
        try:
            self.process.wait(limit)
            return True
        except subprocess.TimeoutExpired:
            return False
        finally:
            self.process.kill()  # nothing, if it has ended
            self.process.wait()
            if self.process.stdout is not None:
                self.process.stdout.close()

    def how(self) -> str:
        """Return in words how its interpreter ended."""
        status = self.process.wait()
        if status >= 0:
            return f"the interpreter ended with status {status}"
        with contextlib.suppress(ValueError):  # a signal without a name
            return f"the interpreter was ended by {signal.Signals(-status).name}"
        return f"the interpreter was ended by signal {-status}"


# The side of the caller


class Supervised:
    """Code that runs below a supervisor: :meth:`hear` it, then :meth:`end` it, in any case.

    ``code`` is Python that imports a function of ours and calls it; that function calls :func:`charge`. ``last`` is
    the code to run in its stead if it has died and was to clean something up.
    """

    def __init__(self, code: str, limit: float, environment: dict[str, str] | None = None, last: str = "") -> None:
        self.limit = limit
        self.words = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this does
        arguments = f"{code!r}, {last!r}, {limit!r}, {os.getpid()!r}"
        options: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self.below = Below(
            f"from mpadapters.supervising import supervise; supervise({arguments})",
            self.words,
            dict(os.environ) if environment is None else environment,
            flags=["-I", "-S"],  # none of the user's code: no .pth file, no sitecustomize
            **options,
        )
        self.pid = self.below.process.pid

    def hear(self) -> dict[str, Any]:
        """Return what the code told; raise :class:`Lost` if it ended, or was not done in time."""
        told = self.below.hear(2 * self.limit + SLACK)
        if told is None:
            raise Lost("the supervisor is lost")
        if "lost" in told:
            raise Lost(told["lost"] + self.last_words())
        return told

    def end(self) -> str:
        """Let the code finish, end all that it started, and return what went wrong in that, in one line if anything."""
        try:
            self.below.finish()
            told = self.below.hear(2 * self.limit + SLACK)
            trouble = str(told["trouble"]) if told else "the supervisor is lost"
            return trouble + self.last_words() if trouble else ""
        finally:
            self.below.ended(KILL_PATIENCE)
            self.words.close()

    def last_words(self) -> str:
        """Return what was printed last to the standard error below, in words; nothing if nothing was."""
        size = os.fstat(self.words.fileno()).st_size
        self.words.seek(max(0, size - WORDS))
        lines = self.words.read().decode(errors="replace").strip().splitlines()
        return f" (last words: {lines[-1].strip()!r})" if lines else ""


def ask(code: str, limit: float, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Run the code below a supervisor, end all that it started, and return what it told.

    Raises :class:`Lost` if it told nothing within ``limit`` seconds.
    """
    supervised = Supervised(code, limit, environment)
    try:
        return supervised.hear()
    finally:
        supervised.end()


# The side of the supervisor


def supervise(code: str, last: str, limit: float, caller: int) -> None:
    """Run the code in a process below this one until the caller ends the input or itself; then leave nothing."""
    supervisor = Supervisor(limit, caller)
    try:
        supervisor.run(code, last)
    finally:
        os._exit(0)  # the thread that reads the input may still wait for its end


class Supervisor:
    """What the process between the caller and the charge does."""

    def __init__(self, limit: float, caller: int) -> None:
        self.limit, self.caller = limit, caller
        self.mark = uuid.uuid4().hex
        self.environment = {**os.environ, MARK: self.mark}
        self.adopting = _adopt_orphans()
        self.ours: list[Below] = []
        self.told_to_finish = when_told_to_finish(sys.stdin.buffer)
        signal.signal(signal.SIGTERM, lambda *_: self.told_to_finish.set())

    def run(self, code: str, last: str) -> None:
        """Run the code, tell the caller what it tells, and when that is over end all that is left."""
        below = self.start(code)
        told = below.hear(self.limit, self.over)
        lost = ""
        if told is None:
            lost = f"not done within {self.limit:g} s" if below.process.poll() is None else below.how()
        else:
            changed = {**self.environment, **told.get("environment", {})}
            self.environment = {name: value for name, value in changed.items() if value is not None}
            _write(sys.stdout.buffer, told)
            while not self.over():
                self.told_to_finish.wait(SLICE)
        trouble = self.finish(below, last) if last else ""
        self.end_all(gently=bool(last) and not trouble)
        if lost:
            _write(sys.stdout.buffer, {"lost": lost})
        _write(sys.stdout.buffer, {"trouble": trouble})

    def start(self, code: str) -> Below:
        """Run the code in a process below this one."""
        below = Below(code, None, self.environment)
        self.ours.append(below)
        return below

    def over(self) -> bool:
        """Return whether the caller wants nothing any more; asked now and then, so orphans are reaped here."""
        self.reap()
        # Forked children of a caller that has died may hold its end of the pipe: then only its pid tells.
        return self.told_to_finish.is_set() or (os.name == "posix" and os.getppid() != self.caller)

    def finish(self, below: Below, last: str) -> str:
        """Let the charge finish, or run the code ``last`` if it has died; return what went wrong."""
        while True:
            if below.process.poll() is None:
                below.finish()
                told = below.hear(self.limit, self.reap)
                if told is not None:
                    below.ended(GRACE)  # its exit handlers have that long
                    return str(told["trouble"])
                if below.process.poll() is None:
                    return f"not done within {self.limit:g} s"
            if len(self.ours) > 1:
                return below.how()
            below = self.start(last)

    def reap(self) -> bool:
        """Take the exit status of each adopted orphan that has ended: whoever waits for it to go waits for that."""
        if sys.platform != "linux":
            return False
        while self.adopting:
            try:
                dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                break
            if dead is None:
                break
            for below in self.ours:
                if below.process.pid == dead.si_pid:
                    below.process.poll()
                    break
            else:
                os.waitpid(dead.si_pid, 0)
        return False

    def end_all(self, gently: bool) -> None:
        """End every process below this one, again until none is left; ``gently``: ask each first."""
        import psutil  # slow to import, and not needed before the end

        started = time.monotonic()
        asked: set[int] = set()
        while True:
            self.reap()
            left = list(self.living())
            passed = time.monotonic() - started
            if not left or passed > KILL_PATIENCE + GRACE:
                break
            for process in left:
                with contextlib.suppress(psutil.Error):
                    if not gently or passed > GRACE:
                        process.kill()
                    elif process.pid not in asked:
                        asked.add(process.pid)
                        process.terminate()
            time.sleep(0.01)
        for below in self.ours:
            below.ended(0)

    def living(self) -> Iterator[Any]:
        """Yield the living processes below this one."""
        import psutil

        found = {process.pid: process for process in psutil.Process().children(recursive=True)}
        if not self.adopting:
            for process in psutil.process_iter():
                with contextlib.suppress(psutil.Error, OSError):
                    if process.pid != os.getpid() and process.environ().get(MARK) == self.mark:
                        found[process.pid] = process
        for process in found.values():
            with contextlib.suppress(psutil.Error):
                if process.status() != psutil.STATUS_ZOMBIE:
                    yield process


def _adopt_orphans() -> bool:
    """Become the parent of every descendant whose own parent dies; return whether the platform can do that."""
    if sys.platform != "linux":
        return False
    import ctypes

    return bool(ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0)  # PR_SET_CHILD_SUBREAPER


def when_told_to_finish(stream: IO[bytes]) -> threading.Event:
    """Return an event that is set at the end of the stream: at the word of the process above to finish."""
    event = threading.Event()

    def read() -> None:
        stream.read()
        event.set()

    threading.Thread(target=read, daemon=True).start()
    return event


def _write(stream: IO[bytes], told: dict[str, Any]) -> None:
    try:
        stream.write(BEGIN + json.dumps(told).encode() + b"\n")
        stream.flush()
    except OSError:
        pass  # whoever wanted to know is gone


# The side of the charge


def charge() -> tuple[Callable[[dict[str, Any]], None], IO[bytes]]:
    """Return what tells the supervisor something, and the stream that ends when this process is to finish.

    Afterwards the standard input is empty and the standard output goes nowhere, here and in all that is started.
    """
    answers, word = os.fdopen(os.dup(1), "wb"), os.fdopen(os.dup(0), "rb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    return lambda told: _write(answers, told), word
