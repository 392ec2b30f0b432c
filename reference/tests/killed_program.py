"""The program of test_killed.py: ``killed_program.py CASE METHOD`` runs the function of that name.

Each has a family by that start method, and tells whom of it to kill, and goes on when that is done.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
import tempfile
import threading
import time

import mpreference
from mpreference import managers
from mpreference.connection import Client, Listener
from mpreference.pool import WorkerLost

LIMIT = 60
context = mpreference.get_context(sys.argv[2])


def be_killed(*pids, names=()):
    """Tell whom to kill, and names of shared memory that are there; return when it was done."""
    print(json.dumps([pids, names]), flush=True)  # noqa: T201
    sys.stdin.readline()


def start(target, *args):
    child = context.Process(target=target, args=args)
    child.start()
    return child


def kill(*children, names=()):
    """Have children killed, see that this is what has become of them."""
    be_killed(*[child.pid for child in children], names=names)
    for child in children:
        child.join(LIMIT)
        assert child.exitcode == -9, child


def run(target, *args):
    """See that another child does this and ends."""
    child = start(target, *args)
    child.join(LIMIT)
    assert child.exitcode == 0, child


def raises(expected, call, *args):
    try:
        call(*args)
    except expected as error:
        return str(error)
    raise AssertionError(f"{call} has raised nothing")


# The program itself


def follow(connection, lock, *held):
    """Be there, with what is held, until the parent has ended."""
    connection.send(None)
    with lock:
        mpreference.parent_process().join()


def keep(connection):
    global kept
    kept = connection


def follow_in_task():
    kept.send(None)
    mpreference.parent_process().join()


def program():
    from mpreference.shared_memory import ShareableList, SharedMemory

    here, there = context.Pipe()
    lock, queue = context.Lock(), context.Queue()
    block, items = SharedMemory(create=True, size=1), ShareableList([1])
    for _ in range(2):
        start(follow, there, lock, queue, block, items)
    pool = context.Pool(2, keep, (there,))
    pool.apply_async(follow_in_task)
    manager, blocks = context.Manager(), managers.SharedMemoryManager(ctx=context)
    blocks.start()
    held = manager.list([manager.Lock()]), blocks.SharedMemory(1), Listener()
    queue.put(bytes(8_000_000))  # nobody gets it, and its sender is in the middle of it
    for _ in range(3):
        here.recv()
    be_killed(os.getpid(), names=[block.name, items.shm.name, held[1].name])


# A child with something in its hands


def hold(connection, lock, value):
    with lock, value.get_lock():
        connection.send(None)
        time.sleep(LIMIT)


def wait_for(condition, connection):
    with condition:
        connection.send(None)
        condition.wait()


def take(lock):
    assert lock.acquire(timeout=LIMIT)


def holder_of_a_lock():
    here, there = context.Pipe()
    lock, condition, value = context.Lock(), context.Condition(), context.Value("i")
    children = [start(hold, there, lock, value), start(wait_for, condition, there)]
    here.recv(), here.recv()
    with condition:
        pass  # it waits by now
    kill(*children)
    for held in (lock, value.get_lock()):
        assert not held.acquire(timeout=0.1), "somebody has released it"
    lock.release()  # the documentation lets any process do so
    run(take, lock)
    waiter = start(wait_for, condition, there)
    here.recv()
    with condition:
        condition.notify_all()
    waiter.join(LIMIT)
    assert waiter.exitcode == 0, "a killed process has taken the notification"


def put_for_ever(queue):
    while True:
        queue.put(bytes(8_000_000))


def holder_of_a_queue():
    queue, empty = context.Queue(), context.JoinableQueue()
    children = [start(put_for_ever, queue), start(empty.get)]
    assert len(queue.get(timeout=LIMIT)) == 8_000_000
    kill(*children)
    run(queue.put, "the last")
    item = None
    while item != "the last":
        try:
            item = queue.get(timeout=LIMIT)
        except (EOFError, pickle.UnpicklingError):
            pass  # its sender was killed in the middle of it
    empty.put("not any more")
    assert empty.get(timeout=LIMIT) == "not any more"
    empty.task_done()
    empty.join()


def write(connection, block, numbers):
    with numbers.get_lock():
        block.buf[0] = numbers[0] = 1
        connection.send(None)
        while True:
            block.buf[1] = numbers[1] = 1


def writer_of_shared_memory():
    from mpreference.shared_memory import SharedMemory

    here, there = context.Pipe()
    block, numbers = SharedMemory(create=True, size=2), context.Array("i", 2)
    writer = start(write, there, block, numbers)
    here.recv()
    kill(writer, names=[block.name])
    assert (block.buf[0], numbers.get_obj()[0]) == (1, 1)
    assert not numbers.get_lock().acquire(timeout=0.1)
    block.close()
    block.unlink()


def create(connection):
    from mpreference.shared_memory import ShareableList, SharedMemory

    block, items = SharedMemory(create=True, size=1), ShareableList(["by the creator"])
    connection.send([block.name, items.shm.name])
    time.sleep(LIMIT)


def creator_of_shared_memory():
    from mpreference.shared_memory import ShareableList  # and so both are in one family

    here, there = context.Pipe()
    creator = start(create, there)
    names = here.recv()
    kill(creator, names=names)
    assert list(ShareableList(name=names[1])) == ["by the creator"]


def creator_of_shared_memory_that_its_parent_does_not_know_of():
    here, there = context.Pipe()
    creator = start(create, there)
    names = here.recv()
    kill(creator, names=names)
    assert "mpreference.shared_memory" not in sys.modules
    from mpreference.shared_memory import ShareableList

    assert list(ShareableList(name=names[1])) == ["by the creator"]


# Servers and workers


def listen(connection):
    with Listener() as listener:
        connection.send(listener.address)
        listener.accept()


def listener():
    here, there = context.Pipe()
    server = start(listen, there)
    address = here.recv()
    kill(server)
    raises(ConnectionRefusedError, Client, address)


def managers_servers():
    ours = context.Manager()
    theirs = managers.SyncManager(f"{tempfile.gettempdir()}/socket", ctx=context)
    blocks = managers.SharedMemoryManager(ctx=context)
    theirs.start()
    blocks.start()
    proxies = [manager.list([1]) for manager in (ours, theirs)]
    block = blocks.SharedMemory(1)
    kill(*mpreference.active_children(), names=[block.name])
    gone = EOFError, OSError
    for proxy in proxies:
        raises(gone, proxy.append, 2)
    raises(gone, ours.list)
    raises(gone, blocks.SharedMemory, 1)
    block.buf[0] = 1
    for manager in (ours, theirs, blocks):
        manager.shutdown()
    with context.Manager() as another:
        assert another.list([1])[:] == [1]


def sleep_in_task():
    kept.send(os.getpid())
    time.sleep(LIMIT)


def worker_of_a_pool():
    here, there = context.Pipe()
    pool = context.Pool(1, keep, (there,))
    lost, other = pool.apply_async(sleep_in_task), pool.apply_async(os.getpid)
    worker = here.recv()
    be_killed(worker)
    assert "signal 9" in raises(WorkerLost, lost.get, LIMIT)
    assert other.get(LIMIT) not in (worker, os.getpid()), "it was not replaced"
    pool.close()
    pool.join()


def tell_parent(connection, end):
    connection.send(os.getppid())
    end.wait(LIMIT)


def fork_server():
    here, there = context.Pipe()
    end, now = context.Event(), context.Event()
    now.set()
    lives_on = start(tell_parent, there, end)
    server = here.recv()
    be_killed(server)
    run(tell_parent, there, now)
    assert here.recv() not in (server, os.getpid()), "there is no new server"
    assert lives_on.is_alive()
    end.set()
    lives_on.join(LIMIT)
    assert lives_on.exitcode == 255, "it has become known how it ended"


def fork_server_that_is_asked_for_a_child():
    here, there = context.Pipe()
    now = context.Event()
    now.set()
    run(tell_parent, there, now)
    server = here.recv()
    os.kill(server, signal.SIGSTOP)  # and so it will not answer
    threading.Timer(0.5, be_killed, [server]).start()
    child = context.Process(target=tell_parent, args=(there, now))
    assert "start it once more" in raises(ConnectionError, child.start)
    child.start()
    child.join(LIMIT)
    assert (child.exitcode, here.recv() == server) == (0, False)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
