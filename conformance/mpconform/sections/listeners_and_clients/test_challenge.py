"""``deliver_challenge`` and ``answer_challenge``: the handshake, and what each side does when it fails."""

from __future__ import annotations

from mpconform.kit import Task, promise, raises, verifies
from mpconform.sections.listeners_and_clients.helpers import (
    check_both_directions,
    closing,
    received_bytes,
)

KEY = b"the key"


def handshake(mp, deliver_key, answer_key):
    """Do a handshake over a pipe and return both sides, ended, and the two ends of the pipe."""
    here, there = mp.Pipe()
    deliver = Task(mp.connection.deliver_challenge, here, deliver_key)
    answer = Task(mp.connection.answer_challenge, there, answer_key)
    deliver.wait()
    answer.wait()
    return deliver, answer, here, there


@verifies(
    "challenge.handshake.same-key-succeeds",
    "challenge.handshake.leaves-the-connection-usable",
    "challenge.deliver.mismatch-raises",
    "challenge.answer.refusal-raises",
)
def test_the_handshake_succeeds_with_the_same_key_and_with_no_other(mp):
    with promise("challenge.handshake.same-key-succeeds"):
        deliver, answer, here, there = handshake(mp, KEY, KEY)
        with closing(here, there):
            assert deliver.error is None, f"deliver_challenge() {deliver.outcome()}, although the other end has its key"
            assert answer.error is None, f"answer_challenge() {answer.outcome()}, although the other end has its key"
    with promise("challenge.handshake.leaves-the-connection-usable"):
        deliver, answer, here, there = handshake(mp, KEY, KEY)
        with closing(here, there):
            deliver.result()
            answer.result()
            check_both_directions(here, there, "the connection after a handshake")
    others = (b"another key", b"the ke", b"the key!", b"")
    with promise("challenge.deliver.mismatch-raises"):
        for key in others:
            deliver, _, here, there = handshake(mp, KEY, key)
            call = f"deliver_challenge(_, {KEY!r}), answered with key {key!r}"
            with closing(here, there), raises(mp.AuthenticationError, call):
                deliver.result()
    with promise("challenge.answer.refusal-raises"):
        for key in others:
            _, answer, here, there = handshake(mp, key, KEY)
            call = f"answer_challenge(_, {KEY!r}) to an end with key {key!r}"
            with closing(here, there), raises(mp.AuthenticationError, call):
                answer.result()


# deliver_challenge


@verifies(
    "challenge.deliver.sends-a-random-message",
    "challenge.deliver.mismatch-sends-no-welcome",
    "challenge.deliver.replayed-reply-raises",
    "challenge.deliver.long-reply-raises",
)
def test_what_deliver_sends_and_what_it_refuses(mp):
    with promise("challenge.deliver.sends-a-random-message"):
        messages = [a_challenge(mp) for _ in range(4)]
        different = len(set(messages))
        assert different == 4, f"four calls of deliver_challenge() sent {messages}, promised are random messages"
    with promise("challenge.deliver.mismatch-sends-no-welcome"):
        welcome, refusal = (last_message(mp, key) for key in (KEY, b"another key"))
        assert welcome is not None, "deliver_challenge() sent nothing after a reply that matches, promised is a welcome"
        assert refusal != welcome, (
            f"deliver_challenge() sent its welcome, {refusal!r}, after a reply that does not match"
        )
    with promise("challenge.deliver.replayed-reply-raises"):
        check_replayed_reply(mp)
    with promise("challenge.deliver.long-reply-raises"):
        here, there = mp.Pipe()
        with closing(here, there):
            there.send_bytes(bytes(1000))
            call = "deliver_challenge(), to which the other end replies with 1000 zero bytes"
            with raises(mp.AuthenticationError, call):
                Task(mp.connection.deliver_challenge, here, KEY).result(call)


def a_challenge(mp):
    """Return the message that deliver_challenge() sends, then end it by rubbish in place of a reply."""
    here, there = mp.Pipe()
    with closing(here, there):
        deliver = Task(mp.connection.deliver_challenge, here, KEY)
        message = received_bytes(there, "deliver_challenge()")
        there.send_bytes(b"no digest")
        deliver.wait()
    return message


def last_message(mp, reply_key):
    """Return what deliver_challenge() sends, if anything, after a reply that was made with this key."""
    here, there = mp.Pipe()
    with closing(here, there):
        deliver = Task(mp.connection.deliver_challenge, here, KEY)
        there.send_bytes(answers(mp, received_bytes(there, "deliver_challenge()"), reply_key))
        deliver.wait()
        return received_bytes(there, "deliver_challenge()") if there.poll() else None


def check_replayed_reply(mp):
    """Check that a digest which an earlier call has accepted is refused."""
    here, there = mp.Pipe()
    with closing(here, there):
        first = Task(mp.connection.deliver_challenge, here, KEY)
        digest = answers(mp, received_bytes(there, "deliver_challenge()"), KEY)
        there.send_bytes(digest)
        first.result()
        received_bytes(there, "deliver_challenge() after a reply that matches")
        there.send_bytes(digest)
        call = "deliver_challenge(), answered with the digest that an earlier call accepted"
        with raises(mp.AuthenticationError, call):
            Task(mp.connection.deliver_challenge, here, KEY).result(call)


@verifies("challenge.deliver.waits-for-the-reply")
def test_deliver_blocks_until_a_reply_is_there(mp, patience):
    here, there = mp.Pipe()
    with closing(here, there):
        deliver = Task(mp.connection.deliver_challenge, here, KEY)
        patience.never(deliver.is_done, "deliver_challenge() ends before the other end has replied")
        mp.connection.answer_challenge(there, KEY)
        deliver.result()


@verifies("challenge.deliver.closed-end-raises", "challenge.deliver.other-end-closes")
def test_what_deliver_does_if_the_other_end_closes(mp, observe):
    here, there = mp.Pipe()
    there.close()
    with closing(here):
        early = Task(mp.connection.deliver_challenge, here, KEY)
        early.wait("deliver_challenge() ends when the other end is closed before the call")
    here, there = mp.Pipe()
    with closing(here):
        deliver = Task(mp.connection.deliver_challenge, here, KEY)
        with closing(there):
            received_bytes(there, "deliver_challenge()")
        with promise("challenge.deliver.closed-end-raises"):
            deliver.wait("deliver_challenge() ends when the other end is closed in place of a reply")
            assert early.error, f"deliver_challenge(), whose other end was closed before, {early.outcome()}"
            assert deliver.error, f"deliver_challenge(), whose other end was closed, {deliver.outcome()}"
    observe(f"deliver_challenge() {'raises ' + type(deliver.error).__name__ if deliver.error else 'returns'}")


# answer_challenge


def answers(mp, challenge, key):
    """Return what answer_challenge() replies to a message, then end it by rubbish in place of a welcome."""
    here, there = mp.Pipe()
    with closing(here, there):
        answer = Task(mp.connection.answer_challenge, here, key)
        there.send_bytes(challenge)
        digest = received_bytes(there, f"answer_challenge(_, {key!r}) to the challenge {challenge!r}")
        there.send_bytes(b"no welcome")
        answer.wait()
    return digest


@verifies("challenge.answer.sends-a-digest-of-message-and-key", "challenge.answer.rubbish-for-challenge-raises")
def test_what_answer_sends_and_what_it_refuses(mp):
    with promise("challenge.answer.sends-a-digest-of-message-and-key"):
        first, second = a_challenge(mp), a_challenge(mp)
        digest, again = answers(mp, first, KEY), answers(mp, first, KEY)
        of_another, with_another = answers(mp, second, KEY), answers(mp, first, b"other key")
        assert again == digest, f"answer_challenge() sent {again!r} for a message and a key, and {digest!r} before"
        assert of_another != digest, f"answer_challenge() sent {digest!r} for two different messages"
        assert with_another != digest, f"answer_challenge() sent {digest!r} with two different keys"
    with promise("challenge.answer.rubbish-for-challenge-raises"):
        for rubbish in (b"", b"\x00", b"rubbish of thirty-two bytes, ...."):
            here, there = mp.Pipe()
            with closing(here, there):
                there.send_bytes(rubbish)
                there.send_bytes(rubbish)
                call = f"answer_challenge() to an end that sends {rubbish!r} twice, and so no welcome"
                with raises(mp.AuthenticationError, call):
                    Task(mp.connection.answer_challenge, here, KEY).result(call)


@verifies("challenge.answer.waits-for-the-welcome")
def test_answer_blocks_until_it_is_welcomed(mp, patience):
    relayed, far = mp.Pipe()
    near, here = mp.Pipe()
    with closing(relayed, far, near, here):
        deliver = Task(mp.connection.deliver_challenge, far, KEY)
        answer = Task(mp.connection.answer_challenge, here, KEY)
        near.send_bytes(received_bytes(relayed, "deliver_challenge()"))
        relayed.send_bytes(received_bytes(near, "answer_challenge()"))
        deliver.result()
        patience.never(answer.is_done, "answer_challenge() ends before the welcome has come")
        near.send_bytes(received_bytes(relayed, "deliver_challenge() after a reply that matches"))
        answer.result()


@verifies("challenge.answer.closed-end-raises", "challenge.answer.other-end-closes")
def test_what_answer_does_if_the_other_end_closes(mp, observe):
    challenge = a_challenge(mp)
    early, late = [answer_to_an_end_that_closes(mp, *messages) for messages in ((), (challenge,))]
    with promise("challenge.answer.closed-end-raises"):
        assert early.error, f"answer_challenge(), whose other end was closed in place of a challenge, {early.outcome()}"
        assert late.error, f"answer_challenge(), whose other end was closed in place of a welcome, {late.outcome()}"
    observe(f"answer_challenge() {'raises ' + type(late.error).__name__ if late.error else 'returns'}")


def answer_to_an_end_that_closes(mp, *messages):
    """Return what came of answer_challenge() when its other end sends this, receives any answer, and closes."""
    here, there = mp.Pipe()
    with closing(here):
        answer = Task(mp.connection.answer_challenge, here, KEY)
        with closing(there):
            for message in messages:
                there.send_bytes(message)
                received_bytes(there, "answer_challenge()")
        answer.wait("answer_challenge() ends when the other end is closed")
    return answer
