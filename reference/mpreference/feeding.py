"""Feeding a channel: what a process puts on a queue waits here if there is no room for it, and is sent by a thread.

`Feeder.send` never waits for room. Whoever finds some sends as much of the buffer as goes, from its head, so that
nothing is overtaken. Mostly that is `send` itself, and the message is on its way when it returns. What is left then
is the thread's: it waits for room, and it sends the large messages, which takes until they are received.

Rules
-----
* A queue has one feeder in each process that puts. It starts its thread before the first message; if none is to be had,
  as when the interpreter ends, later messages try again, and the end of the process sends what is left.
* A process does not end before everything is sent (`finalizers.FEEDERS`), unless that was cancelled: what is put by a
  process that ends in order is not lost.
* To close is to put and get no more in this process. What is buffered is sent; then the thread ends. The end of the
  process closes, too.
* When all processes have let go of the reading end, nobody will get what is buffered, and it is dropped in silence.
  As closing lets go of it, no process waits at its end for nobody.
* The thread knows the channel and not the queue: a queue that is not used any more is collected, which closes it.
* A signal handler or a garbage collection may come in at any point, and send or close: the lock lets its owner in
  again, and the buffer is in order at all times.
* What the system is short of, memory or descriptors, is awaited.
"""

from __future__ import annotations

import errno
import sys
import threading
import time
from collections import deque

from mpreference.finalizers import FEEDERS, Finalizer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mpreference.channels import Channel

PAUSE = 0.001
"""Seconds after which to try again, if there should be room and is not."""

SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ETOOMANYREFS)


class Feeder:
    """Sends on a channel what this process puts on a queue."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._buffer: deque[bytes] = deque()
        self._sending = False
        """Whether somebody is at the head of the buffer."""
        self._thread: threading.Thread | None = None
        self._at_exit: Finalizer | None = None
        self._awaited = True
        self.ready = False
        """Whether `send` may be called without calling `start` first."""

    def start(self) -> None:
        """Start the thread, unless it was started; raise ``ValueError`` if the queue is closed."""
        with self._lock:
            if self._channel.closed:
                raise ValueError("the queue is closed")
            if self._at_exit is None and self._awaited:
                self._at_exit = Finalizer(None, self._finish, priority=FEEDERS)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="feeder of a queue", daemon=True)
                try:
                    self._thread.start()
                except RuntimeError:  # none is to be had, as when the interpreter ends
                    self._thread = None
            self.ready = self._thread is not None

    def send(self, message: bytes) -> None:
        """Send a message, now if there is room or else later."""
        with self._lock:
            if not self._buffer and not self._sending and self._channel.try_send(message):
                return
            if self._channel.closed:
                raise ValueError("the queue is closed")
            self._buffer.append(message)
            self._send_small()
            self._changed.notify()

    def _send_small(self) -> bool:
        """Send small messages while there is room; return whether that were any. The lock is held."""
        if self._sending:
            return False
        channel, buffer, sent = self._channel, self._buffer, False
        self._sending = True
        try:
            while buffer and channel.try_send(buffer[0]):
                buffer.popleft()
                sent = True
        finally:
            self._sending = False
        return sent

    def close(self) -> None:
        """Put and get no more; let the thread end when everything is sent."""
        if sys.is_finalizing():  # the thread was stopped wherever it was, maybe with the lock, and all is let go of
            return
        with self._lock:
            self.ready = False
            self._channel.close_reading()
            self._changed.notify()
            if self._thread is None and not self._buffer:
                self._channel.close()

    def join(self) -> None:
        """Wait until everything is sent and the thread has ended, unless that was cancelled. `close` was called."""
        if self._awaited:
            if self._thread is not None:
                self._thread.join()
            else:
                self._run()

    def cancel_join(self) -> None:
        """Let `join` and the end of the process not wait for anything."""
        self._awaited = False
        if self._at_exit is not None:
            self._at_exit.cancel()

    def _finish(self) -> None:
        self.close()
        self.join()

    # The thread

    def _run(self) -> None:
        try:
            while (message := self._wait_for_message()) is not None:
                if self._channel.is_small(message):
                    self._send_when_there_is_room()
                else:
                    self._send_large(message)
        except ConnectionError:
            self._buffer.clear()  # nobody is left who could get it
        finally:
            self._channel.close()
            if self._at_exit is not None:
                self._at_exit.cancel()

    def _wait_for_message(self) -> bytes | None:
        """Wait until there is a message and return it; return None if the queue is closed and there is none."""
        with self._lock:
            while not self._buffer and not self._channel.closed:
                self._changed.wait()
            return self._buffer[0] if self._buffer else None

    def _send_when_there_is_room(self) -> None:
        self._channel.wait_for_room()
        with self._lock:
            sent = self._send_small() or not self._buffer
        if not sent:
            time.sleep(PAUSE)

    def _send_large(self, message: bytes) -> None:
        with self._lock:
            self._sending = True
        try:
            self._channel.send(message)  # it stays at the head of the buffer, as nobody else sends large ones
            self._buffer.popleft()
        except OSError as error:
            if error.errno not in SHORTAGES:
                raise
            time.sleep(PAUSE)
        finally:
            self._sending = False
