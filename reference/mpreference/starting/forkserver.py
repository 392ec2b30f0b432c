"""Starting a child by ``forkserver``: a single-threaded server forks it.

The server is an interpreter that was started when the first child was, and has imported this package and what it
was told to preload. It knows of the world two descriptors, and nothing of it has a name that could be left behind:

* a datagram socket for *requests*: one byte, and with it two descriptors, the *channel* and the *status*;
* the reading end of a pipe that all its clients hold: when that is closed, the last of them is gone, and it exits.

::

    client                          server                        child
    ------                          ------                        -----
    request(channel, status)  --->  forks  -------------------->  reads the channel: descriptors,
    payload into the channel  ---------------------------------->  then preparation and process object
    reads the pid             <---  writes the pid into status
    sentinel becomes readable <----------------------------------  runs, exits
    reads the exit code       <---  writes the exit code, closes

Children get both client descriptors with their start, so that they use the same server. If it was killed, the next
start finds nobody at the other end of the socket and starts another.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys

from mpreference import handover, pickling
from mpreference.process import adopt_parent, current_process, drop_exit_handlers
from mpreference.starting import child, mainmodule, preparation, spawn
from mpreference.starting.handles import Handle, ServedHandle
from mpreference.starting.sentinels import PIDFD, watch_parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from mpreference.process import BaseProcess

BATCH = 200
"""How many descriptors go with one message: the kernel takes some 250."""

MAIN = "__main__"

_preload: list[str] = [MAIN]
"""What the server imports; the name of the main module stands for that of the first client."""


def set_forkserver_preload(module_names: list[str]) -> None:
    """Name modules that the server imports before it forks (`multiprocessing.set_forkserver_preload`)."""
    if not all(isinstance(name, str) for name in module_names):
        raise TypeError("module_names must be a list of strings")
    _preload[:] = module_names


# The client


class Client:
    """What a process has of the fork server: two descriptors."""

    def __init__(self, requests: int, alive: int) -> None:
        self.requests = requests
        self.alive = alive

    def close(self) -> None:
        """Let go of the server."""
        os.close(self.requests)
        os.close(self.alive)


_client: Client | None = None


def _start_server() -> Client:
    requests, served = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    alive_here, alive = os.pipe()
    reader, writer = os.pipe()
    spawn.execute("mpreference.starting.forkserver:serve", [served.fileno(), alive_here, reader])
    served.close()
    os.close(alive_here)
    os.close(reader)
    client = current_process().name, os.getpid()
    spawn.send(writer, [pickling.dumps((sys.path, _preload, mainmodule.describe(), client))])
    return Client(requests.detach(), alive)


def _connect(channel: int, status: int) -> None:
    """Ask the server, and start one if there is none, for a child that has these descriptors."""
    global _client
    if _client is None:
        preparation.steps.append((_describe, _adopt))
    else:
        try:
            _request(_client, channel, status)
            return
        except (ConnectionError, BrokenPipeError):
            _client.close()  # the server was killed
    _client = _start_server()
    _request(_client, channel, status)


def _request(client: Client, channel: int, status: int) -> None:
    requests = socket.socket(fileno=os.dup(client.requests))
    with requests:
        socket.send_fds(requests, [b"+"], [channel, status])


def _describe() -> tuple[int, int]:
    assert _client is not None
    return handover.give(_client.requests), handover.give(_client.alive)


def _adopt(tickets: tuple[int, int]) -> None:
    global _client
    _client = Client(handover.take(tickets[0]), handover.take(tickets[1]))
    preparation.steps.append((_describe, _adopt))


def launch(process: BaseProcess) -> Handle:
    """Have a child forked by the server that runs ``process``; raise whatever its pickling raises first."""
    ours, theirs = socket.socketpair()
    status, status_there = os.pipe()
    lifeline: list[int] = []
    held: tuple[int, ...] = ()
    try:
        try:
            _connect(theirs.fileno(), status_there)
        finally:
            theirs.close()  # or what is awaited below would not end with the server, or with the child
            os.close(status_there)
        payload, given = preparation.payload(process, "forkserver")
        if not PIDFD:
            pipe, holder = os.pipe()
            lifeline, held = [pipe], (holder,)
        pid = int.from_bytes(os.read(status, 8), "big")
        if not pid:
            raise ConnectionError("the fork server was killed while it was to start a child: start it once more")
        try:
            _send_descriptors(ours, lifeline + given)
        except BrokenPipeError:
            pass  # the child has ended meanwhile: its exit code tells
        spawn.send(ours.detach(), payload)
    except BaseException:
        os.close(status)
        ours.close()
        raise
    finally:
        for descriptor in lifeline:
            os.close(descriptor)
    return ServedHandle(pid, status, held)


def _send_descriptors(channel: socket.socket, descriptors: list[int]) -> None:
    channel.sendall(len(descriptors).to_bytes(4, "big"))
    for start in range(0, len(descriptors), BATCH):
        socket.send_fds(channel, [b"+"], descriptors[start : start + BATCH])


def _receive_descriptors(channel: socket.socket) -> list[int]:
    count = int.from_bytes(channel.recv(4, socket.MSG_WAITALL), "big")
    found: list[int] = []
    while len(found) < count:
        data, descriptors, _, _ = socket.recv_fds(channel, 1, BATCH)
        if not data:
            os._exit(1)  # the client ended before it said anything
        found += descriptors
    return found


# The server


def serve(descriptors: list[int]) -> NoReturn:
    """Fork a child for each request, until nobody is left to ask: that is where they come, what tells of the clients'
    end, and where to read what is to be preloaded. Does not return.
    """
    requests, alive, told = descriptors
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the clients and the children
    with open(told, "rb") as pipe:
        path, preload, main, (name, pid) = pickling.loads(pipe.read())
    adopt_parent(name, pid, watch_parent(pid, None if PIDFD else os.dup(alive)))  # what is preloaded is run by a child
    sys.path[:] = path
    for name in preload:
        try:
            if name == MAIN:
                _run_main(main)
            else:
                __import__(name)
        except ImportError:
            pass  # promised: what cannot be imported is left out
    wakeup, woken = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, _do_nothing)
    listener = socket.socket(fileno=requests)
    poll = select.poll()
    for descriptor in (requests, alive, wakeup):
        os.set_inheritable(descriptor, False)
        poll.register(descriptor, select.POLLIN)
    statuses: dict[int, int] = {}
    while True:
        ready = {descriptor for descriptor, _ in poll.poll()}
        if wakeup in ready:
            os.read(wakeup, 4096)
            _tell_of_the_dead(statuses)
        if requests in ready:
            _, (channel, status), _, _ = socket.recv_fds(listener, 1, 2)
            for stream in (sys.stdout, sys.stderr):
                stream.flush()  # what a preloaded module printed is printed once
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                signal.signal(signal.SIGINT, signal.default_int_handler)
                listener.close()
                for descriptor in (alive, wakeup, woken, status, *statuses.values()):
                    os.close(descriptor)
                _be_child(channel)
            os.close(channel)
            statuses[pid] = status
            _tell(status, pid.to_bytes(8, "big"))
        elif alive in ready:
            os._exit(0)


def _run_main(description: tuple[str, str] | None) -> None:
    try:
        mainmodule.restore(description)
    except (Exception, SystemExit):  # noqa: BLE001
        pass  # each child runs it once more then, and shows what it raises


def _do_nothing(number: int, frame: object) -> None:
    """Handle SIGCHLD: that it came is told by the wake-up descriptor."""


def _tell_of_the_dead(statuses: dict[int, int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        told = statuses.pop(pid, None)
        if told is None:
            continue  # no client's child: a preloaded module has started it
        _tell(told, os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))
        os.close(told)


def _tell(status: int, data: bytes) -> None:
    try:
        os.write(status, data)
    except BrokenPipeError:
        pass  # whoever wanted the child is gone, or has let go of it


def _be_child(channel: int) -> NoReturn:
    drop_exit_handlers()
    with socket.socket(fileno=channel) as connected:
        descriptors = _receive_descriptors(connected)
        connected.detach()
    lifeline = None if PIDFD else descriptors.pop(0)
    child.be_child(channel, descriptors, lifeline)
