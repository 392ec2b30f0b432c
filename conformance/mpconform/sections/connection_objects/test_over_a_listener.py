"""The connections that a listener and its client get: each method does by them what it does by a pipe."""

from __future__ import annotations

import gc

from mpconform.kit import verifies
from mpconform.sections.connection_objects.checks import (
    check_any_object,
    check_any_size,
    check_blocks,
    check_boundaries,
    check_end,
    check_finds_the_end,
    check_is_descriptor,
    check_poll,
    check_readable_with_a_message,
    check_too_long_ends_reading,
    check_too_short_takes_the_message,
    check_wakes_poll,
    check_written,
)
from mpconform.sections.connection_objects.helpers import LISTENER, closing, connected_by_listener


@verifies("connection.send.over-a-listener")
def test_any_object_arrives_by_a_connection_of_a_listener(mp):
    client, accepted = connected_by_listener(mp)
    with closing(client, accepted):
        check_any_object(client, accepted, LISTENER)
        check_any_object(accepted, client, LISTENER)


@verifies("connection.send.other-end-closed-over-a-listener")
def test_what_send_does_when_the_other_end_of_a_connection_of_a_listener_is_closed(mp, observe):
    client, accepted = connected_by_listener(mp)
    accepted.close()
    with closing(client):
        try:
            client.send("nobody reads this")
        except Exception as error:
            observe(f"send() raises {type(error).__name__}")
        else:
            observe("send() raises nothing")


@verifies("connection.send.over-af_unix")
def test_objects_and_messages_arrive_by_a_connection_of_the_family_af_unix(mp, scratch):
    client, accepted = connected_by_listener(mp, scratch.path("socket"), "AF_UNIX")
    with closing(client, accepted):
        check_any_object(client, accepted, "AF_UNIX")
        check_any_size(accepted, client, "AF_UNIX")


@verifies("connection.recv.over-a-listener")
def test_recv_by_a_connection_of_a_listener(mp, patience):
    client, accepted = connected_by_listener(mp)
    with closing(accepted):
        check_blocks("recv", {LISTENER: (client, accepted)}, patience)
        check_end("recv", client, accepted, LISTENER)


@verifies("connection.fileno.over-a-listener")
def test_the_descriptors_of_a_connection_of_a_listener(mp, patience):
    client, accepted = connected_by_listener(mp)
    with closing(client, accepted):
        check_is_descriptor(client, LISTENER)
        check_is_descriptor(accepted, LISTENER)
        check_readable_with_a_message(client, accepted, LISTENER, patience)


@verifies("connection.close.over-a-listener")
def test_the_end_of_a_connection_of_a_listener_is_found(mp):
    client, accepted = connected_by_listener(mp)
    with closing(accepted):
        client.close()
        check_finds_the_end(accepted, f"close() of the other end ({LISTENER})")
    client, accepted = connected_by_listener(mp)
    with closing(client):
        del accepted
        gc.collect()
        check_finds_the_end(client, f"the other end was garbage collected ({LISTENER})")


@verifies("connection.poll.over-a-listener")
def test_poll_by_a_connection_of_a_listener(mp, patience):
    client, accepted = connected_by_listener(mp)
    with closing(client, accepted):
        check_poll(client, accepted, LISTENER, patience)
    check_wakes_poll(*connected_by_listener(mp), None, LISTENER, patience)


@verifies("connection.send_bytes.over-a-listener")
def test_messages_arrive_by_a_connection_of_a_listener(mp):
    client, accepted = connected_by_listener(mp)
    with closing(accepted):
        check_any_size(client, accepted, LISTENER)
        check_any_size(accepted, client, LISTENER)
        check_boundaries(client, accepted, LISTENER)


@verifies("connection.recv_bytes.over-a-listener")
def test_recv_bytes_by_a_connection_of_a_listener(mp, patience):
    client, accepted = connected_by_listener(mp)
    with closing(accepted):
        check_blocks("recv_bytes", {LISTENER: (client, accepted)}, patience)
        check_end("recv_bytes", client, accepted, LISTENER)
    client, accepted = connected_by_listener(mp)
    with closing(client):
        check_too_long_ends_reading(client, accepted, LISTENER)


@verifies("connection.recv_bytes_into.over-a-listener")
def test_recv_bytes_into_by_a_connection_of_a_listener(mp, patience):
    client, accepted = connected_by_listener(mp)
    with closing(accepted):
        check_written(client, accepted, LISTENER)
        check_too_short_takes_the_message(client, accepted, LISTENER, mp.BufferTooShort)
        check_blocks("recv_bytes_into", {LISTENER: (client, accepted)}, patience)
        check_end("recv_bytes_into", client, accepted, LISTENER)
