"""Running what an adapter's ``start()`` starts, for the time of a block, in a process of its own.

::

    with serving(adapter) as server:
        ...  # it runs, and os.environ has what start() put there
    if server.trouble:
        ...  # stop() went wrong, in one line

* ``start()`` and ``stop()`` run in one process, below a supervisor (:mod:`mpadapters.supervising`): whatever they do
  to it, the caller goes on, and whoever dies, by any means, ``stop()`` is called and nothing is left.
* What ``start()`` changed in ``os.environ`` is changed here for the block, and then as it was.
* A process that runs inside of such a block, this one or any below it, does not start the same adapter again.
* An adapter that overrides neither costs nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from types import TracebackType

from mpadapters.contract import TOLD, Adapter, AdapterError
from mpadapters.finding import load
from mpadapters.supervising import Lost, Supervised, charge, when_told_to_finish

LIMIT = 60.0
"""Seconds that ``start()`` may take, and as many for ``stop()``."""

SERVED = TOLD + "SERVED"
"""The environment variable with the location of the adapter whose block this process runs in."""


def serving(adapter: Adapter, limit: float = LIMIT) -> Serving:
    """Return a context manager: what the adapter starts runs in its block.

    Entering it raises :class:`AdapterError`, of one line, if ``start()`` fails, ends its interpreter or is not done
    within ``limit`` seconds; ``stop()`` has been called then.
    """
    return Serving(adapter, limit)


class Serving:
    """See :func:`serving`."""

    trouble: str = ""
    """What went wrong in ``stop()``, in one line, once the block is over; empty if nothing did."""

    pid: int | None = None
    """The process above all that was started, which is a child of this one; None if nothing had to be started."""

    def __init__(self, adapter: Adapter, limit: float = LIMIT) -> None:
        self.adapter, self.limit = adapter, limit
        self._supervised: Supervised | None = None
        self._before: dict[str, str | None] = {}
        self._owner = os.getpid()

    @property
    def needed(self) -> bool:
        """Whether there is anything to start that does not run yet."""
        kind = type(self.adapter)
        overrides = kind.start is not Adapter.start or kind.stop is not Adapter.stop
        return overrides and os.environ.get(SERVED) != self.adapter.location

    def __enter__(self) -> Serving:
        if not self.needed:
            return self
        self._owner = os.getpid()
        location = self.adapter.location
        self._supervised = Supervised(
            f"from mpadapters.serving import start_and_stop; start_and_stop({location!r})",
            self.limit,
            last=f"from mpadapters.serving import stop_alone; stop_alone({location!r})",
        )
        self.pid = self._supervised.pid
        try:
            told = self._supervised.hear()
            if "raised" in told:
                raise Lost(told["raised"] + self._supervised.last_words())
            if "error" in told:
                raise AdapterError(told["error"])
            for name, value in {**told["environment"], SERVED: location}.items():
                self._before[name] = os.environ.get(name)
                _set(name, value)
        except Lost as lost:
            self._end()
            raise AdapterError(
                f"backend {self.adapter.name!r}: start(): {lost}: make it work in a process that has run nothing yet, "
                f"and give what it waits for a limit of its own"
            ) from None
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        """Stop what was started, and put the environment back; nothing in a child that was forked in the block."""
        supervised, self._supervised = self._supervised, None
        if supervised is None or os.getpid() != self._owner:
            return
        try:
            trouble = supervised.end()
        finally:
            for name, value in self._before.items():
                _set(name, value)
            self._before = {}
        if trouble:
            self.trouble = f"backend {self.adapter.name!r}: stop(): {trouble}"


def _set(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


# What runs below the supervisor


def start_and_stop(location: str) -> None:
    """Start, tell what that changed in the environment, wait for the word to finish, and stop."""
    tell, word = charge()
    finish = when_told_to_finish(word)
    adapter = _loaded(location, lambda error: tell({"error": error}))
    mine = threading.Lock()  # taken by the thread that stops

    def stop_a_start_that_hangs() -> None:
        finish.wait()
        if mine.acquire(blocking=False):
            tell({"trouble": _trouble(adapter.stop)})
            os._exit(0)

    threading.Thread(target=stop_a_start_that_hangs, daemon=True).start()
    before = dict(os.environ)
    trouble = _started(adapter)
    after = dict(os.environ)
    if not mine.acquire(blocking=False):
        threading.Event().wait()  # this process ends before that does
    if trouble:
        tell(trouble)
    else:
        changed = [name for name in before | after if before.get(name) != after.get(name)]
        tell({"environment": {name: after.get(name) for name in changed}})
    finish.wait()
    tell({"trouble": _trouble(adapter.stop)})


def stop_alone(location: str) -> None:
    """Stop, where the process that started has died."""
    tell, _ = charge()
    adapter = _loaded(location, lambda error: tell({"trouble": error}))
    tell({"trouble": _trouble(adapter.stop)})


def _loaded(location: str, tell: Callable[[str], None]) -> Adapter:
    try:
        return load(location)
    except AdapterError as error:
        tell(str(error))
        raise SystemExit(1) from None


def _started(adapter: Adapter) -> dict[str, str]:
    """Start, and return what to tell if that failed: an error that has its remedy, or what else was raised."""
    try:
        adapter.start()
    except AdapterError as error:
        return {"error": str(error)}
    except BaseException as error:  # noqa: BLE001 - the adapter is another's code
        return {"raised": " ".join(f"raised {error!r}".split())}
    return {}


def _trouble(call: Callable[[], object]) -> str:
    """Call it and return what it raised, in one line; nothing if it returned."""
    try:
        call()
    except BaseException as error:  # noqa: BLE001 - the adapter is another's code
        return " ".join(f"raised {error!r}".split())
    return ""
