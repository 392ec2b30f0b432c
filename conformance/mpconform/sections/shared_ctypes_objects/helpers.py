"""What the modules of this section and the next share; light, because children import it."""

from __future__ import annotations

import ctypes
import pickle
import select
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from mpconform.kit import Gate, Latch, Overdue, Patience, Task, backend

TYPECODES: dict[str, Any] = {
    "b": ctypes.c_byte,
    "B": ctypes.c_ubyte,
    "u": ctypes.c_wchar,
    "h": ctypes.c_short,
    "H": ctypes.c_ushort,
    "i": ctypes.c_int,
    "I": ctypes.c_uint,
    "l": ctypes.c_long,
    "L": ctypes.c_ulong,
    "q": ctypes.c_longlong,
    "Q": ctypes.c_ulonglong,
    "f": ctypes.c_float,
    "d": ctypes.c_double,
}
"""The typecodes that array.array has had since 3.3, with the C types that its documentation gives them."""

SIMPLE: tuple[Any, ...] = (
    *TYPECODES.values(),
    ctypes.c_bool,
    ctypes.c_char,
    ctypes.c_longdouble,
    ctypes.c_size_t,
    ctypes.c_ssize_t,
    ctypes.c_int8,
    ctypes.c_int16,
    ctypes.c_int32,
    ctypes.c_int64,
    ctypes.c_uint8,
    ctypes.c_uint16,
    ctypes.c_uint32,
    ctypes.c_uint64,
)
"""The simple ctypes types that are no pointers."""


class Point(ctypes.Structure):
    """A structure of two fields."""

    _fields_ = (("x", ctypes.c_double), ("y", ctypes.c_double))


class Mixed(ctypes.Structure):
    """A structure with fields of several kinds, a structure and an array among them."""

    _fields_ = (
        ("flag", ctypes.c_bool),
        ("number", ctypes.c_longlong),
        ("name", ctypes.c_char * 8),
        ("point", Point),
        ("items", ctypes.c_short * 3),
    )


def zero(kind: Any) -> Any:
    """Return the value that an element of a simple ctypes type has in cleared memory."""
    return kind().value


def check_typecodes(made_of: Callable[[str], Any], call: str) -> None:
    """Check that each typecode stands for its C type; ``made_of(code)`` is the type that the backend makes of it."""
    for code, kind in TYPECODES.items():
        try:
            came = made_of(code)
        except Exception as error:
            raise AssertionError(
                f"{call} with typecode {code!r} raised {error!r}, promised is {kind.__name__}"
            ) from error
        assert came is kind, f"{call} with typecode {code!r} made {came.__name__}, promised is {kind.__name__}"


def fields(structure: Any) -> tuple[Any, ...]:
    """Return what is in a :class:`Mixed`, or in a wrapper of one, as plain values."""
    point = structure.point
    return structure.flag, structure.number, structure.name, (point.x, point.y), list(structure.items)


def fill(structure: Any, values: tuple[Any, ...]) -> None:
    """Assign all fields of a :class:`Mixed`, or of a wrapper of one."""
    structure.flag, structure.number, structure.name, (structure.point.x, structure.point.y), items = values
    structure.items[:] = items


# Asking a child.


def answer_all(address: tuple[str, int], answer: Callable[..., Any], objects: tuple[Any, ...]) -> None:
    """Answer each question of the parent with ``answer(*objects, *question)``, until the parent hangs up."""
    with socket.create_connection(address) as line, line.makefile("rwb") as stream:
        while True:
            try:
                question = pickle.load(stream)
            except EOFError:
                return
            raised, came = "", None
            try:
                came = answer(*objects, *question)
            except Exception as error:  # which is for one question only: others may be of another promise
                raised = repr(error)
            pickle.dump((raised, came), stream)
            stream.flush()


def pass_on(*arguments: Any) -> None:
    """Let a child of this process answer what the parent of this process asks."""
    grandchild = backend().Process(target=answer_all, args=arguments)
    grandchild.start()
    grandchild.join()


@contextmanager
def child_that_answers(
    mp: Any, answer: Callable[..., Any], *objects: Any, grandchild: bool = False
) -> Iterator[Callable[..., Any]]:
    """Start a child that is given the objects; give the function that makes it call ``answer`` on them.

    Questions and answers go over a socket of the operating system's, so nothing of the backend's is needed
    but the child and the objects. With ``grandchild``, the child gives the objects to one of its own, which answers.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(Patience().awaiting)
        target = pass_on if grandchild else answer_all
        child = mp.Process(target=target, args=(server.getsockname(), answer, objects))
        child.daemon = not grandchild  # a daemon has no children
        child.start()
        try:
            line, _ = server.accept()
        except TimeoutError:
            raise Overdue("a child that was given the objects calls back: it does not") from None
    with line, line.makefile("rwb") as stream:

        def ask(*question: Any) -> Any:
            pickle.dump(question, stream)
            stream.flush()
            try:
                raised, came = pickle.load(stream)
            except EOFError:
                raise AssertionError(f"the child ended when it was to do {question!r} with the objects") from None
            assert not raised, f"the child was to do {question!r} with the objects: it raised {raised}"
            return came

        yield ask
    child.join()


# What a child does when it is asked.


def swap_value(shared: Any, position: int, assigned: Any) -> Any:
    """Return the value of one object and assign another."""
    found, shared[position].value = shared[position].value, assigned
    return found


def swap_items(shared: Any, position: int, assigned: Any) -> list[Any]:
    """Return the items of one array and assign to its first and last item."""
    found = list(shared[position])
    shared[position][0] = shared[position][-1] = assigned
    return found


def swap_fields(shared: Any, assigned: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the fields of a structure and assign them all."""
    found = fields(shared)
    fill(shared, assigned)
    return found


def get_item(shared: Any, index: int) -> Any:
    """Return an item."""
    return shared[index]


def set_item(shared: Any, index: int, item: Any) -> None:
    """Assign an item."""
    shared[index] = item


def get_slice(shared: Any, start: int | None, stop: int | None, step: int | None) -> list[Any]:
    """Return a slice."""
    return list(shared[start:stop:step])


def set_slice(shared: Any, start: int | None, stop: int | None, items: list[Any]) -> None:
    """Assign a slice."""
    shared[start:stop] = items


def iterate(shared: Any) -> list[Any]:
    """Return all items, as iterating gives them."""
    return list(shared)


def length(shared: Any) -> int:
    """Return the length."""
    return len(shared)


def do(shared: Any, operation: Callable[..., Any], *arguments: Any) -> Any:
    """Do one of the operations above."""
    return operation(shared, *arguments)


def do_with(shared: Any, position: int, operation: Callable[..., Any], *arguments: Any) -> Any:
    """Do one of the operations above with one of several objects."""
    return operation(shared[position], *arguments)


def acquire_lock(shared: Any, position: int) -> bool:
    """Acquire the lock of one object without waiting, and keep it; return whether it could be had."""
    return bool(shared[position].get_lock().acquire(False))


def release_lock(shared: Any, position: int) -> None:
    """Release the lock of one object."""
    shared[position].get_lock().release()


# Holding a lock.


def hold(locks: tuple[Any, ...], held: Latch, leave: Gate) -> None:
    """Hold some locks until the gate opens."""
    with ExitStack() as stack:
        for lock in locks:
            stack.enter_context(lock)
        held.arrive()
        leave.wait("the test has seen enough of the held locks")


def accesses_to_what_is_held(
    mp: Any, scratch: Any, patience: Patience, locks: tuple[Any, ...], accesses: dict[str, Callable[[], object]]
) -> dict[str, str]:
    """Begin accesses while a child holds the locks, and then let it go; return how each of them did wrong.

    ``accesses`` are functions that access something, by the words that a failure uses for them. An access that was not
    done before the locks were released, and was done then, did nothing wrong: an empty string.
    """
    held, leave = scratch.latch(), scratch.gate()
    child = mp.Process(target=hold, args=(locks, held, leave))
    child.daemon = True
    child.start()
    held.wait(1, "processes that hold the locks")
    tasks = {call: Task(function) for call, function in accesses.items()}

    def all_are_done() -> bool:
        return all(task.is_done() for task in tasks.values())

    with suppress(AssertionError):  # there is nothing left to watch: each is told of below
        patience.never(all_are_done, "all accesses are done")
    early = [call for call, task in tasks.items() if task.is_done()]
    leave.open()
    with suppress(Overdue):
        patience.until(all_are_done, "all accesses are done once the lock is released")
    child.join()
    went = {}
    for call, task in tasks.items():
        if not task.is_done():
            went[call] = "not done although the lock was released"
        elif task.error is not None:
            went[call] = f"raised {task.error!r}"
        else:
            went[call] = "done while another process held the lock" if call in early else ""
    return went


def check_that_they_waited(went: dict[str, str], accesses: Iterable[str]) -> None:
    """Check how some of the accesses went: each waited for the lock, and not for ever."""
    wrong = [f"{call}: {went[call]}" for call in accesses if went[call]]
    assert not wrong, f"{'; '.join(wrong)}; promised is to wait for the lock"


def acquired_elsewhere(lock: Any) -> bool:
    """Return whether another thread can acquire the lock now, without waiting; it releases it again."""

    def attempt() -> bool:
        acquired = bool(lock.acquire(False))
        if acquired:
            lock.release()
        return acquired

    answer: bool = Task(attempt).result("acquire(False) of a lock returns")
    return answer


def check_that_all_have_one_lock(shared: Any, asks: dict[str, Callable[..., Any]], calls: list[str]) -> None:
    """Check that whoever holds the lock of one of some objects keeps all other processes from it.

    ``asks`` are the functions with which other processes are asked to :func:`do` something, by what they are called
    in a failure, and ``calls`` says how each of the objects was made.
    """
    asks = {"the process that made it": lambda operation, *arguments: do(shared, operation, *arguments), **asks}
    for position, call in enumerate(calls):
        for holder, ask in asks.items():
            held = ask(acquire_lock, position)
            assert held, f"get_lock().acquire(False) of {call} in {holder}: {held!r} while nobody has it, promised True"
            others = {name: other(acquire_lock, position) for name, other in asks.items() if name != holder}
            ask(release_lock, position)
            assert not any(others.values()), (
                f"get_lock().acquire(False) of {call} while {holder} holds it: {others}, promised is False"
            )


def check_that_it_is_recursive(lock: Any, call: str) -> None:
    """Check that the thread that holds the lock acquires it again."""
    lock.acquire()
    try:
        again = lock.acquire(False)
        assert again, (
            f"{call}.get_lock().acquire(False) returned {again!r} in the thread that holds it, promised is True"
        )
        lock.release()
    finally:
        lock.release()


# Counting up in several processes.

ROUNDS = 100
"""Increments of each process while all of them are at it."""


def one_later() -> int:
    """Return 1 after other processes had the time to get in between: ``+=`` has read what it adds to before."""
    select.select([], [], [], 0.0001)
    return 1


def count_up(increment: Callable[..., None], shared: Any, everyone: Latch, processes: int) -> int:
    """Increment until all processes have begun, and ``ROUNDS`` times more; return how often it was done."""
    everyone.arrive()
    done = 0
    while everyone.count() < processes:
        increment(shared)
        done += 1
    for _ in range(ROUNDS):
        increment(shared)
    return done + ROUNDS


def count_up_in_a_child(increment: Any, shared: Any, everyone: Latch, processes: int, journal: Any) -> None:
    """Write to the journal how often the child incremented."""
    journal.write(count_up(increment, shared, everyone, processes))


def total_of_increments(mp: Any, scratch: Any, increment: Callable[..., None], shared: Any) -> int:
    """Increment in this process and a child at once; return how often it was done."""
    everyone, journal = scratch.latch(), scratch.journal()
    arguments = (increment, shared, everyone, 2)
    child = mp.Process(target=count_up_in_a_child, args=(*arguments, journal))
    child.daemon = True
    child.start()
    own = count_up(*arguments)
    [of_the_child] = journal.wait(1, "number of increments of the child")
    child.join()
    return own + int(of_the_child)
