"""Queues between processes: `Queue`, `JoinableQueue` and `SimpleQueue`.

Each is a channel (:mod:`mpreference.channels`) through which pickles go. A `SimpleQueue` is nothing else: its `put`
waits until the channel has room. A `Queue` adds two things:

* a feeder (:mod:`mpreference.feeding`) in each process that puts, so that `put` does not wait for the channel;
* a semaphore of *slots*: an item takes one when it is put, and gives it back when it is got. ``maxsize`` is how many
  there are. If any number of items may be on the queue, there are more slots than anybody can use; on systems whose
  semaphores do not count that far there are none, and `Queue.qsize` is not implemented, as the documentation warns.

Rules
-----
* `put` pickles: what cannot be pickled is its caller's error, and what changes later is not changed on the queue.
* `get` unpickles when the item is out of the queue: an item that cannot be unpickled is gone, and costs no slot.
* The items that one process puts are got in the order of putting.
* A queue goes to a child with its start and no other way. A forked child begins without its parent's feeder.
* A process that is killed while it puts or gets may cost one item, or one slot, and does not keep others from going on.
"""

from __future__ import annotations

import os
import weakref
from queue import Empty, Full

from mpreference import semaphores
from mpreference.channels import Channel, load
from mpreference.conditions import Condition
from mpreference.feeding import Feeder
from mpreference.finalizers import Finalizer
from mpreference.locks import Inherited, Lock
from mpreference.pickling import dumps
from mpreference.semaphores import VALUE_MAX, Semaphore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpreference.context import BaseContext

__all__ = ["JoinableQueue", "Queue", "SimpleQueue"]

_queues: weakref.WeakSet[Queue] = weakref.WeakSet()
"""The queues of this process, which a forked child has to give feeders of its own."""


class Queue(Inherited):
    """A queue for many producers and many consumers (`multiprocessing.Queue`).

    It holds ``maxsize`` items at most, or any number if that is zero or less.
    """

    _unfinished: Semaphore | None = None
    """Counts the tasks of a `JoinableQueue`."""

    def __init__(self, maxsize: int = 0, *, ctx: BaseContext | None) -> None:
        super().__init__(ctx)
        self._maxsize = maxsize if maxsize > 0 else VALUE_MAX
        self._slots = Semaphore(self._maxsize) if maxsize > 0 or semaphores.NATIVE else None
        self._channel = Channel()
        self._begin()

    def _begin(self) -> None:
        """Begin in a process."""
        self._feeder = Feeder(self._channel)
        self._at_collection = Finalizer(self, self._feeder.close)
        _queues.add(self)

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        del state["_feeder"], state["_at_collection"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    # Items

    def put(self, obj: Any, block: bool = True, timeout: float | None = None) -> None:
        """Put an object on the queue (`multiprocessing.Queue.put`).

        If the queue is full, wait until it is not; raise `queue.Full` after ``timeout`` seconds, or at once if not to
        block. Raise ``ValueError`` if the queue is closed, and whatever the pickling of the object raises.
        """
        if not self._feeder.ready:
            self._feeder.start()
        if self._slots is not None and not self._slots.acquire(block, timeout):
            raise Full
        try:
            message = dumps(obj)
        except BaseException:
            if self._slots is not None:
                self._slots.release()
            raise
        if self._unfinished is not None:
            self._unfinished.release()  # before anybody can be done with it
        self._feeder.send(message)

    def put_nowait(self, obj: Any) -> None:
        """Put an object on the queue, or raise `queue.Full` (`multiprocessing.Queue.put_nowait`)."""
        self.put(obj, False)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Take the next item off the queue and return it (`multiprocessing.Queue.get`).

        If there is none, wait for one; raise `queue.Empty` after ``timeout`` seconds, or at once if not to block. Raise
        ``ValueError`` if the queue is closed.
        """
        if self._channel.closed:
            raise ValueError("the queue is closed")
        message = self._channel.receive(block, timeout)
        if message is None:
            raise Empty
        if self._slots is not None:
            self._slots.release()
        return load(message)

    def get_nowait(self) -> Any:
        """Take the next item and return it, or raise `queue.Empty` (`multiprocessing.Queue.get_nowait`)."""
        return self.get(False)

    # Sizes, which others may change at any time

    def qsize(self) -> int:
        """Return how many items are on the queue, also those that are buffered (`multiprocessing.Queue.qsize`)."""
        if self._slots is None:
            raise NotImplementedError("the items of a queue without maxsize cannot be counted on this system")
        return self._maxsize - self._slots.value()

    def empty(self) -> bool:
        """Return whether there is nothing to get; ``OSError`` if it is closed (`multiprocessing.Queue.empty`)."""
        return self._channel.empty()

    def full(self) -> bool:
        """Return whether there are as many items as there may be (`multiprocessing.Queue.full`)."""
        return self._slots is not None and self._slots.value() == 0

    # The end

    def close(self) -> None:
        """Put and get no more in this process; what was put will be sent (`multiprocessing.Queue.close`)."""
        self._feeder.close()

    def join_thread(self) -> None:
        """Wait, on a closed queue, until what was put is sent (`multiprocessing.Queue.join_thread`)."""
        if not self._channel.closed:
            raise AssertionError("join_thread() is for a queue that was closed")
        self._feeder.join()

    def cancel_join_thread(self) -> None:
        """Let this process end without sending what is buffered (`multiprocessing.Queue.cancel_join_thread`)."""
        self._feeder.cancel_join()


class JoinableQueue(Queue):
    """A queue that counts its tasks, so that one can wait until all are done (`multiprocessing.JoinableQueue`)."""

    _unfinished: Semaphore

    def __init__(self, maxsize: int = 0, *, ctx: BaseContext | None) -> None:
        super().__init__(maxsize, ctx=ctx)
        self._unfinished = Semaphore(0)
        self._all_done = Condition(Lock(ctx=ctx), ctx=ctx)

    def task_done(self) -> None:
        """Say that one item that was got is dealt with (`multiprocessing.JoinableQueue.task_done`).

        Raise ``ValueError`` if this is said more often than items were put.
        """
        with self._all_done:
            if not self._unfinished.acquire(False):
                raise ValueError("task_done() was called more often than items were put on the queue")
            if self._unfinished.value() == 0:
                self._all_done.notify_all()

    def join(self) -> None:
        """Wait until all items that were put are dealt with (`multiprocessing.JoinableQueue.join`)."""
        with self._all_done:
            if self._unfinished.value() > 0:
                self._all_done.wait()


class SimpleQueue(Inherited):
    """A queue without a thread, sizes or timeouts (`multiprocessing.SimpleQueue`)."""

    def __init__(self, *, ctx: BaseContext | None) -> None:
        super().__init__(ctx)
        self._channel = Channel()

    def put(self, item: Any) -> None:
        """Put an object on the queue (`multiprocessing.SimpleQueue.put`)."""
        self._channel.send(dumps(item))

    def get(self) -> Any:
        """Wait for the next item and return it (`multiprocessing.SimpleQueue.get`)."""
        message = self._channel.receive()
        assert message is not None
        return load(message)

    def empty(self) -> bool:
        """Return whether there is nothing to get (`multiprocessing.SimpleQueue.empty`)."""
        return self._channel.empty()

    def close(self) -> None:
        """Let go of the queue in this process (`multiprocessing.SimpleQueue.close`): ``OSError`` for all else then."""
        self._channel.close()


def _begin_in_child() -> None:
    for queue in list(_queues):
        queue._begin()


os.register_at_fork(after_in_child=_begin_in_child)
