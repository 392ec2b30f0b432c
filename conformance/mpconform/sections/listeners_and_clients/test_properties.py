"""Properties: any key opens itself only, and ``wait`` on anything returns exactly what is ready."""

from __future__ import annotations

import socket

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from mpconform.kit import Task, raises, verifies
from mpconform.sections.listeners_and_clients.helpers import closing, listening, received_bytes

keys = st.binary(max_size=64) | st.builds(bytes.__mul__, st.binary(min_size=1, max_size=5), st.integers(1, 400))


def as_hmac_sees_it(key):
    """Return the key as HMAC, which fills up short keys with zero bytes, tells it from others."""
    return key.rstrip(b"\0")


@verifies("challenge.handshake.any-key-opens-itself-only")
def test_any_key_opens_itself_only(mp):
    def handshake(deliver_key, answer_key):
        here, there = mp.Pipe()
        with closing(here, there):
            answer = Task(mp.connection.answer_challenge, there, answer_key)
            deliver = Task(mp.connection.deliver_challenge, here, deliver_key)
            deliver.wait()
            answer.wait()
            return deliver, answer

    @given(keys, keys)
    @example(b"", b"a")
    @example(b"\n", b"\r")
    @example(b"\xff\xfe", b"\xff\xfd")
    @example(b"a" * 1000, b"a" * 1001)
    def opens_itself_only(key, other):
        assume(as_hmac_sees_it(key) != as_hmac_sees_it(other))
        for call, side in zip(("deliver_challenge()", "answer_challenge()"), handshake(key, key), strict=True):
            assert side.error is None, f"{call} {side.outcome()}, both ends have the key {key!r}"
        for call, side in zip(("deliver_challenge()", "answer_challenge()"), handshake(key, other), strict=True):
            assert isinstance(side.error, mp.AuthenticationError), (
                f"{call} {side.outcome()}; one end has the key {key!r}, the other {other!r}"
            )

    opens_itself_only()


@verifies("challenge.deliver.rubbish-raises")
def test_deliver_refuses_any_rubbish(mp):
    @given(st.binary(max_size=64))
    @example(b"")
    @example(bytes(16))
    @example(bytes(32))
    def refuses(reply):
        here, there = mp.Pipe()
        with closing(here, there):
            there.send_bytes(reply)
            with raises(mp.AuthenticationError, f"deliver_challenge(), to which the other end replies with {reply!r}"):
                mp.connection.deliver_challenge(here, b"the key")

    refuses()


@verifies("challenge.answer.rubbish-for-welcome-raises")
def test_answer_takes_no_rubbish_for_a_welcome(mp):
    here, there = mp.Pipe()
    with closing(here, there):
        deliver = Task(mp.connection.deliver_challenge, here, b"the key")
        challenge = received_bytes(there, "deliver_challenge()")
        there.send_bytes(b"no digest")
        deliver.wait()

    @given(st.binary(max_size=64))
    @example(b"")
    @example(challenge)
    def refuses(message):
        here, there = mp.Pipe()
        with closing(here, there):
            there.send_bytes(challenge)
            there.send_bytes(message)
            with raises(mp.AuthenticationError, f"answer_challenge(), to which the other end says {message!r} at last"):
                mp.connection.answer_challenge(here, b"the key")

    refuses()


@verifies("listener.authkey.any-key-opens-itself-only")
def test_listener_with_any_key_accepts_this_key_only(mp):
    def connect(key, other):
        with listening(mp, authkey=key) as listener:
            client = Task(mp.connection.Client, listener.address, authkey=other)
            accept = Task(listener.accept)
            for side in client, accept:
                side.wait()
                if side.error is None:
                    side.value.close()
            return client, accept

    @given(keys, keys)
    @example(b"\n", b"\r")
    @example(b"\xff\xfe", b"\xff\xfd")
    @example(b"a" * 1000, b"a" * 1001)
    def accepts_this_key_only(key, other):
        assume(key and as_hmac_sees_it(key) != as_hmac_sees_it(other))
        for call, side in zip(("Client()", "accept()"), connect(key, key), strict=True):
            assert side.error is None, f"{call} {side.outcome()}; both sides have the key {key!r}"
        for call, side in zip(("Client()", "accept()"), connect(key, other), strict=True):
            assert isinstance(side.error, mp.AuthenticationError), (
                f"{call} {side.outcome()}; the listener has the key {key!r}, the client {other!r}"
            )

    accepts_this_key_only()


@verifies("wait.call.returns-exactly-the-ready-ones")
def test_wait_returns_exactly_the_objects_that_are_ready(mp):
    makers = {
        "simplex pipe": lambda: mp.Pipe(duplex=False),
        "duplex pipe": mp.Pipe,
        "socket": socket.socketpair,
    }
    things = st.tuples(st.sampled_from(sorted(makers)), st.sampled_from(["idle", "data", "closed", "data and closed"]))

    @given(st.lists(things, max_size=12), st.sampled_from([0, -1.0, None, 1000.0]))
    @example([("simplex pipe", "data")] * 12, None)
    @example([], 0)
    def returns_the_ready_ones(what, timeout):
        ends = [makers[kind]() for kind, _ in what]
        closed = ["closed" in state for _, state in what]
        with closing(
            *(ours for ours, _ in ends), *(peer for (_, peer), gone in zip(ends, closed, strict=True) if not gone)
        ):
            for (kind, state), (_, peer) in zip(what, ends, strict=True):
                if "data" in state:
                    peer.sendall(b"data") if kind == "socket" else peer.send("data")
                if "closed" in state:
                    peer.close()
            ready = [index for index, (_, state) in enumerate(what) if state != "idle"]
            objects = [ours for ours, _ in ends]
            if not ready:
                timeout = 0  # with another one it would block
            answer = mp.connection.wait(objects, timeout)
            found = sorted(next(index for index, ours in enumerate(objects) if ours is item) for item in answer)
            assert found == ready, (
                f"wait() with timeout {timeout} on {what} returned those with the numbers {found}, promised are {ready}"
            )

    returns_the_ready_ones()


@verifies("wait.connection.ready-as-long-as-data-is-left")
def test_wait_after_any_sequence_of_calls(mp):
    class Calls(RuleBasedStateMachine):
        """Three pipes, and beside each the number of its messages and whether its other end is closed."""

        numbers = st.integers(0, 2)

        def __init__(self):
            super().__init__()
            self.pipes = [mp.Pipe(duplex=False) for _ in range(3)]
            self.messages = [0, 0, 0]
            self.closed = [False, False, False]

        @rule(number=numbers)
        def send(self, number):
            if not self.closed[number]:
                self.pipes[number][1].send("data")
                self.messages[number] += 1

        @precondition(lambda self: any(self.messages))
        @rule(number=numbers)
        def receive(self, number):
            if self.messages[number]:
                self.pipes[number][0].recv()
                self.messages[number] -= 1

        @rule(number=numbers)
        def close(self, number):
            if not self.closed[number]:
                self.pipes[number][1].close()
                self.closed[number] = True

        @rule(asked=st.lists(numbers, unique=True))
        def wait(self, asked):
            readers = [self.pipes[number][0] for number in asked]
            answer = mp.connection.wait(readers, 0)
            found = sorted(asked[readers.index(reader)] for reader in answer)
            ready = sorted(number for number in asked if self.messages[number] or self.closed[number])
            assert found == ready, (
                f"wait() on the pipes {asked} returned {found}, promised are {ready}: there are {self.messages}"
                f" messages in the pipes, closed are {self.closed}"
            )

        def teardown(self):
            for (reader, writer), closed in zip(self.pipes, self.closed, strict=True):
                reader.close()
                if not closed:
                    writer.close()

    run_state_machine_as_test(Calls, settings=settings(stateful_step_count=20))
