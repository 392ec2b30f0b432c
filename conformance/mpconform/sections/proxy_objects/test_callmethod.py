"""``_callmethod()`` and ``_getvalue()``: what they return, and what they raise."""

from __future__ import annotations

import signal
import threading

from mpconform.kit import Overdue, Task, did_not_arise, promise, raises, verifies, works
from mpconform.sections.proxy_objects.helpers import Servant, Shape, Strict, Unpicklable, Unreadable, manager_of

MAPPED = {"what_is_held": "list"}
"""The method of a Servant whose result is to be shared, and not copied, where a test says so."""


def call_a_mapped_method(servant, journal):
    try:
        items = servant.what_is_held()
        items.append("of the child")
        journal.write((isinstance(items, list), items[:]))
    except Exception as error:
        journal.write(repr(error))


def ask_to_leave(servant, journal):
    try:
        journal.write(what_comes_of(lambda: servant._callmethod("leave")))
    except SystemExit:
        journal.write("raises SystemExit")


def what_comes_of(call):
    """Return in words what a call does."""
    try:
        result = call()
    except Exception as error:
        return f"raises {type(error).__name__}"
    return f"returns {result!r}"


@verifies(
    "proxy.method.reraises-exceptions",
    "proxy.callmethod.returns-the-result",
    "proxy.callmethod.example",
    "proxy.getvalue.is-a-copy",
)
def test_what_is_done_to_a_list_or_dict_by_methods_and_callmethod_and_getvalue(mp):
    with mp.Manager() as manager:
        with promise("proxy.method.reraises-exceptions"):
            items, mapping = manager.list([1]), manager.dict({"a": 1})
            with raises(IndexError, "item 20 of a proxy of [1]"):
                items[20]
            with raises(IndexError, "assigning to item 20 of a proxy of [1]"):
                items[20] = 1
            with raises(TypeError, "item 'x' of a proxy of [1]"):
                items["x"]
            with raises(KeyError, "item 'b' of a proxy of {'a': 1}") as caught:
                mapping["b"]
            assert caught.value.args == ("b",), f"the KeyError for 'b' has the args {caught.value.args!r}"
        with promise("proxy.callmethod.returns-the-result"):
            length = manager.list([1, 2, 3])._callmethod("__len__")
            assert length == 3, f"_callmethod('__len__') of a proxy of [1, 2, 3] returned {length!r}, promised is 3"
        with promise("proxy.callmethod.example"):
            numbers = manager.list(range(10))
            length = numbers._callmethod("__len__")
            items = numbers._callmethod("__getitem__", (slice(2, 7),))
            with raises(IndexError, "_callmethod('__getitem__', (20,)) of a proxy of ten numbers"):
                numbers._callmethod("__getitem__", (20,))
            assert length == 10, f"_callmethod('__len__') of a proxy of ten numbers returned {length!r}"
            assert items == [2, 3, 4, 5, 6], f"_callmethod('__getitem__', (slice(2, 7),)) of 0 to 9 returned {items!r}"
        with promise("proxy.getvalue.is-a-copy"):
            proxy = manager.list([1, [2]])
            value = proxy._getvalue()
            value[1].append("changed")
            value.append("changed")
            proxy.append(3)
            there, here = proxy[:], value
            assert there == [1, [2], 3], (
                f"the referent [1, [2]] is {there!r} after append(3), and after a copy was changed"
            )
            assert here == [1, [2, "changed"], "changed"], (
                f"the changed copy is {here!r} after append(3) to the referent"
            )


@verifies(
    "proxy.method.invokes-that-of-the-referent",
    "proxy.callmethod.passes-args-and-kwds",
    "proxy.getvalue.returns-the-referent",
)
def test_callmethod_passes_args_and_kwds_and_getvalue_returns_what_equals_the_referent(mp):
    with manager_of(mp, Servant, Shape) as manager:
        with promise("proxy.method.invokes-that-of-the-referent"):
            servant = manager.Servant()
            returned = [servant.hold("held"), servant.what_is_held(), servant.arguments(1, b=2)]
            assert returned == [None, "held", ((1,), {"b": 2})], (
                "hold('held'), what_is_held() and arguments(1, b=2) through a proxy returned"
                f" {returned!r}, those of the referent return [None, 'held', ((1,), {{'b': 2}})]"
            )
        with promise("proxy.callmethod.passes-args-and-kwds"):
            servant = manager.Servant()
            for args, kwds in ((), {}), ((1, "two"), {}), ((), {"a": 1}), ((1,), {"b": [2], "c": None}):
                returned = servant._callmethod("arguments", args, kwds)
                assert returned == (args, kwds), (
                    f"_callmethod('arguments', {args}, {kwds}): the method of the referent was given {returned!r}"
                )
        with promise("proxy.getvalue.returns-the-referent"):
            for proxy, expected in (
                (manager.list([1, ["two"]]), [1, ["two"]]),
                (manager.dict({"a": {"b": 1}}), {"a": {"b": 1}}),
                (manager.Shape(3), Shape(3)),
            ):
                value = proxy._getvalue()
                assert type(value) is type(expected) and value == expected, (
                    f"_getvalue() of a proxy of {expected!r} returned {value!r} of type {type(value).__name__}"
                )


@verifies("proxy.callmethod.mapped-method-in-another-process")
def test_a_method_in_method_to_typeid_returns_a_proxy_in_a_child(mp, journal):
    with manager_of(mp, Servant, method_to_typeid=MAPPED) as manager:
        servant = manager.Servant()
        child = mp.Process(target=call_a_mapped_method, args=(servant, journal))
        child.daemon = True
        child.start()
        [found] = journal.wait(1, "word of the child")
        child.join()
    assert found == (False, [1, [2], "of the child"]), (
        "a child calls a method that is in method_to_typeid, of a proxy that it was given, and appends to what it"
        f" returns; promised is a proxy of a list, what came of it: {found if isinstance(found, str) else found[1]!r}"
    )


@verifies(
    "proxy.callmethod.result-that-cannot-be-pickled",
    "proxy.callmethod.exception-that-cannot-be-pickled",
    "proxy.callmethod.argument-that-cannot-be-pickled",
    "proxy.callmethod.argument-that-cannot-be-unpickled",
    "proxy.getvalue.unpicklable-raises",
    "proxy.callmethod.goes-on-after-an-error",
)
def test_what_cannot_be_pickled_raises_and_the_proxy_goes_on(mp):
    error = mp.managers.RemoteError
    with manager_of(mp, Servant, Unpicklable) as manager:
        # Each in a thread, so with a connection, of its own: none is accused if the one before broke something.
        with promise("proxy.callmethod.result-that-cannot-be-pickled"):
            servant, name = manager.Servant(), "what_cannot_be_pickled"
            with raises(error, f"_callmethod({name!r})"):
                Task(servant._callmethod, name).result()
        with promise("proxy.callmethod.exception-that-cannot-be-pickled"):
            servant, name = manager.Servant(), "fail_with_what_cannot_be_pickled"
            with raises(error, f"_callmethod({name!r}), a ValueError"):
                Task(servant._callmethod, name).result()
        with promise("proxy.callmethod.argument-that-cannot-be-pickled"):
            servant = manager.Servant()
            with raises(Exception, "echo(an object that cannot be pickled)"):
                Task(servant.echo, Unpicklable()).result()
        with promise("proxy.callmethod.argument-that-cannot-be-unpickled"):
            servant = manager.Servant()
            with raises(error, "echo(an object that can be pickled and not unpickled)"):
                Task(servant.echo, Unreadable()).result()
        with promise("proxy.getvalue.unpicklable-raises"):
            proxy = manager.Unpicklable()
            with raises(Exception, "_getvalue() of a proxy of an object that cannot be pickled"):
                Task(proxy._getvalue).result()
            with works("a method of the proxy, after _getvalue() raised"):
                name = Task(proxy.name).result()
            assert name == "unpicklable", f"a method of the proxy, after _getvalue() raised, returned {name!r}"
        with promise("proxy.callmethod.goes-on-after-an-error"):
            for name, arguments in (
                ("what_cannot_be_pickled", ()),
                ("fail_with_what_cannot_be_pickled", ()),
                ("echo", (Unpicklable(),)),
                ("echo", (Unreadable(),)),
                ("no_such_method", ()),
            ):
                Task(check_that_the_proxy_goes_on, manager.Servant(), name, arguments).result()


def check_that_the_proxy_goes_on(servant, name, arguments):
    """Check that a proxy is usable after a call of it could not be made or answered."""
    given = ", ".join(type(argument).__name__ for argument in arguments)
    with raises(Exception, f"_callmethod({name!r}, ({given}))"):
        servant._callmethod(name, arguments)
    for value in ("still", "there"):
        with works(f"echo({value!r}) after _callmethod({name!r}, ({given})) raised"):
            returned = servant.echo(value)
        assert returned == value, f"echo({value!r}) after _callmethod({name!r}, ({given})) raised returned {returned!r}"


@verifies(
    "proxy.callmethod.exception-that-cannot-be-unpickled",
    "proxy.callmethod.raises-if-the-exception-cannot-be-unpickled",
)
def test_what_an_exception_that_cannot_be_unpickled_becomes(mp, observe):
    with manager_of(mp, Servant) as manager:
        servant, name = manager.Servant(), "fail_with_what_cannot_be_unpickled"
        answer = what_comes_of(lambda: servant._callmethod(name))
        with promise("proxy.callmethod.raises-if-the-exception-cannot-be-unpickled"):
            assert answer.startswith("raises"), f"_callmethod({name!r}) {answer}, promised is to raise"
        then = what_comes_of(lambda: servant.echo("then"))
    observe(f"_callmethod() of a method that raises {Strict.__name__}(1, 2): {answer}; echo('then'): {then}")


@verifies("proxy.callmethod.exception-that-is-no-exception-class", "proxy.callmethod.raises-if-the-call-asks-to-exit")
def test_what_becomes_of_system_exit(mp, journal, observe):
    with manager_of(mp, Servant) as manager:
        servant = manager.Servant()
        child = mp.Process(target=ask_to_leave, args=(servant, journal))
        child.daemon = True
        child.start()
        try:
            [answer] = journal.wait(1, "word of the child")
        except Overdue:
            answer = "comes to no end"
            child.terminate()
        child.join()
        with promise("proxy.callmethod.raises-if-the-call-asks-to-exit"):
            assert answer.startswith("raises"), (
                f"_callmethod() of a method that raises SystemExit: {answer}; promised is to raise"
            )
        then = what_comes_of(lambda: servant.echo("then"))
    observe(f"_callmethod() of a method that raises SystemExit: {answer}; echo('then') of another process: {then}")


class Stop(Exception):
    """What the handler of a signal raises."""


def stop(number, frame):
    raise Stop


def interrupt(latch):
    """Send the main thread a signal, once its call has arrived."""
    latch.wait(1, "calls that arrive in the manager's process")
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)


@verifies("proxy.callmethod.after-one-that-was-interrupted")
def test_calls_after_one_that_an_exception_of_a_signal_handler_ended(mp, latch, gate):
    with manager_of(mp, Servant) as manager:
        servant = manager.Servant()
        signal.signal(signal.SIGUSR1, stop)
        interruption = Task(interrupt, latch)
        try:
            servant.stay(latch, gate)
        except Stop:
            pass
        else:
            did_not_arise("a signal handler that raises ends a call of a proxy")
        finally:
            gate.open()
        interruption.wait()
        found = [what_comes_of(lambda: servant.echo("next")), what_comes_of(lambda: servant.echo("last"))]
    assert found == ["returns 'next'", "returns 'last'"], (
        f"after an exception from a signal handler had ended a call of stay(), echo('next') and echo('last'): {found};"
        " promised is that each call returns its own result"
    )


@verifies(
    "proxy.callmethod.not-exposed-is-not-called",
    "proxy.callmethod.exposed-name-that-the-referent-lacks",
    "proxy.callmethod.raises-if-the-referent-lacks-the-name",
)
def test_what_comes_of_names_that_are_not_exposed_or_not_there(mp, observe):
    with manager_of(mp, Servant, exposed=("what_was_called", "no_such_method")) as manager:
        with promise("proxy.callmethod.not-exposed-is-not-called"):
            servant = manager.Servant()
            for name in "hidden", "_private":
                with raises(Exception, f"_callmethod({name!r}), which is not in the exposed sequence"):
                    servant._callmethod(name)
                called = servant._callmethod("what_was_called")
                assert called == [], (
                    f"_callmethod({name!r}) raised, promised for what is not exposed, and yet {called} was called"
                )
        answer = what_comes_of(lambda: manager.Servant()._callmethod("no_such_method"))
        with promise("proxy.callmethod.raises-if-the-referent-lacks-the-name"):
            assert answer.startswith("raises"), f"_callmethod('no_such_method') {answer}, promised is to raise"
        observe(f"_callmethod('no_such_method'): {answer}")
