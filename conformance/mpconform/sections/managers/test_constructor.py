"""BaseManager(): address, authkey, serializer and ctx; and the property address."""

from __future__ import annotations

import os

from mpconform.kit import promise, raises, verifies
from mpconform.sections.managers.helpers import (
    KEY,
    LOOPBACK,
    class_named,
    connected,
    desk,
    remember,
    remembered,
    started,
)


def server_of(manager):
    """Return the id of the process in which the objects of this manager live."""
    return manager.Note().run(os.getpid)


@verifies(
    "base_manager.constructor.listens-on-address",
    "base_manager.address.is-the-given-one",
    "base_manager.address.is-the-one-in-use",
    "base_manager.constructor.address-none-is-arbitrary",
)
def test_addresses(mp, scratch):
    path = scratch.path("socket")
    with started(desk(mp, path, KEY)) as manager:
        with promise("base_manager.address.is-the-given-one"):
            address = manager.address
            assert address == path, f"address of a manager that was given {path!r} is {address!r}"
        with promise("base_manager.constructor.listens-on-address"):
            found, own = server_of(connected(path)), server_of(manager)
            assert found == own, f"at the address of the manager answers process {found}, its own is {own}"
    with promise("base_manager.address.is-the-one-in-use"), started(desk(mp, LOOPBACK, KEY)) as manager:
        address = manager.address
        assert address != LOOPBACK, f"address of a manager that was given {LOOPBACK} is {address!r} when it is started"
        found = server_of(connected(address)), server_of(manager)
        assert found[0] == found[1], f"at {address!r} answers process {found[0]}, that of the manager is {found[1]}"
    with (
        promise("base_manager.constructor.address-none-is-arbitrary"),
        started(desk(mp, authkey=KEY)) as one,
        started(desk(mp, None, KEY)) as other,
    ):
        addresses = one.address, other.address
        expected = [server_of(one), server_of(other)]
        found = [server_of(connected(address)) for address in addresses]
        assert addresses[0] != addresses[1], f"two managers without an address both have {addresses[0]!r}"
        assert found == expected, f"at the addresses {addresses} answer the processes {found}, promised {expected}"


@verifies(
    "base_manager.constructor.authkey-checks-connections",
    "base_manager.constructor.authkey-none-is-that-of-the-process",
)
def test_keys(mp):
    with promise("base_manager.constructor.authkey-checks-connections"), started(desk(mp, None, KEY)) as manager:
        for key in (b"another key", KEY[:-1], KEY + b" ", mp.current_process().authkey):
            with raises(mp.AuthenticationError, f"connect() with the authkey {key!r} to a manager with {KEY!r}"):
                connected(manager.address, key)
    with promise("base_manager.constructor.authkey-none-is-that-of-the-process"):
        mp.current_process().authkey = b"the key of this process"
        with started(desk(mp)) as manager:
            expected = server_of(manager)
            found = server_of(connected(manager.address, b"the key of this process"))
        assert found == expected, f"with current_process().authkey one reaches process {found}, promised is {expected}"


@verifies("base_manager.constructor.serializer-xmlrpclib")
def test_objects_are_used_through_xmlrpclib(mp):
    with started(desk(mp, serializer="xmlrpclib")) as manager:
        note = manager.Note(["first", 1])
        first = note.get()
        note.put("second")
        found = first, note.get()
    assert found == (["first", 1], "second"), f"get(), put(), get() with serializer='xmlrpclib' gave {found}"


@verifies(
    "base_manager.constructor.authkey-must-be-bytes",
    "base_manager.constructor.serializer-refuses-others",
    "base_manager.address.is-read-only",
)
def test_what_a_manager_refuses(mp):
    with promise("base_manager.constructor.authkey-must-be-bytes"):
        call = "BaseManager(authkey='a str').start()"
        with raises(Exception, call), started(desk(mp, authkey="a str")):
            pass
    with promise("base_manager.constructor.serializer-refuses-others"):
        for serializer in ("json", "", None):
            call = f"BaseManager(serializer={serializer!r}).start()"
            with raises(Exception, call), started(desk(mp, serializer=serializer)):
                pass
    with promise("base_manager.address.is-read-only"):
        manager = desk(mp, LOOPBACK, KEY)
        with raises(Exception, "manager.address = 'elsewhere'"):
            manager.address = "elsewhere"
        found = manager.address
        assert found == LOOPBACK, f"address is {found!r} after the attempt to set it, was {LOOPBACK}"


def check_memory(manager, method, how):
    """Check that the process of a manager, which is yet to be started, has the memory of this one only if it forks."""
    remember("in the memory of the parent")
    with started(manager):
        found = manager.Note().run(remembered)
    expected = ("in the memory of the parent",) if method == "fork" else "not set"
    assert found == expected, (
        f"a variable of the process of a manager {how} is {found!r}, promised is {expected!r}:"
        f" only a forked process has the memory of its parent"
    )


@verifies("base_manager.constructor.ctx-starts-the-process")
def test_process_is_started_by_the_context(package):
    for method in {"fork", "spawn"}.intersection(package.get_all_start_methods()):
        manager = class_named("Desk")(ctx=package.get_context(method))
        check_memory(manager, method, f"with a context of {method!r}")


@verifies("base_manager.constructor.ctx-none-is-the-current-context")
def test_process_is_started_by_the_start_method_that_was_set(package, start_method):
    package.set_start_method(start_method)
    check_memory(class_named("Desk")(), start_method, f"after set_start_method({start_method!r})")


@verifies("base_manager.method.before-start")
def test_what_a_method_does_before_the_start(mp, observe):
    manager = desk(mp)
    try:
        proxy = manager.Note()
    except BaseException as error:
        observe(f"creating an object before start() raises {type(error).__name__}")
    else:
        observe(f"creating an object before start() returns a {type(proxy).__name__}")
