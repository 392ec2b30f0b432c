"""``deliver_challenge`` and ``answer_challenge``: the handshake, and what each side does when it fails."""

from __future__ import annotations

from mpconform.kit import Task, each, raises, verifies
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


@verifies("challenge.handshake.same-key-succeeds")
def test_both_sides_return_if_they_have_the_same_key(mp):
    deliver, answer, here, there = handshake(mp, KEY, KEY)
    with closing(here, there):
        assert deliver.error is None, f"deliver_challenge() {deliver.outcome()}, although the other end has its key"
        assert answer.error is None, f"answer_challenge() {answer.outcome()}, although the other end has its key"


@verifies("challenge.handshake.leaves-the-connection-usable")
def test_connection_is_usable_after_the_handshake(mp):
    deliver, answer, here, there = handshake(mp, KEY, KEY)
    with closing(here, there):
        deliver.result()
        answer.result()
        check_both_directions(here, there, "the connection after a handshake")


@verifies("challenge.deliver.sends-a-random-message")
def test_each_challenge_is_another_message(mp):
    messages = []
    for _ in range(4):
        here, there = mp.Pipe()
        with closing(here, there):
            deliver = Task(mp.connection.deliver_challenge, here, KEY)
            messages.append(received_bytes(there, "deliver_challenge()"))
            there.send_bytes(b"no digest")
            deliver.wait()
    different = len(set(messages))
    assert different == 4, f"four calls of deliver_challenge() sent {messages}, promised is a random message each time"


@verifies("challenge.deliver.waits-for-the-reply")
def test_deliver_blocks_until_a_reply_is_there(mp, patience):
    here, there = mp.Pipe()
    with closing(here, there):
        deliver = Task(mp.connection.deliver_challenge, here, KEY)
        patience.never(deliver.is_done, "deliver_challenge() ends before the other end has replied")
        mp.connection.answer_challenge(there, KEY)
        deliver.result()


@verifies("challenge.deliver.mismatch-raises")
@each("key", [b"another key", b"the ke", b"the key!", b""])
def test_deliver_raises_if_the_other_end_has_another_key(mp, key):
    deliver, _, here, there = handshake(mp, KEY, key)
    with (
        closing(here, there),
        raises(mp.AuthenticationError, f"deliver_challenge(_, {KEY!r}), answered with key {key!r}"),
    ):
        deliver.result()


@verifies("challenge.deliver.long-reply-raises")
def test_deliver_raises_if_the_reply_is_long(mp):
    here, there = mp.Pipe()
    with closing(here, there):
        there.send_bytes(bytes(1000))
        with raises(mp.AuthenticationError, "deliver_challenge(), to which the other end replies with 1000 zero bytes"):
            mp.connection.deliver_challenge(here, KEY)


@verifies("challenge.deliver.replayed-reply-raises")
def test_deliver_refuses_the_digest_of_an_earlier_challenge(mp):
    here, there = mp.Pipe()
    with closing(here, there):
        first = Task(mp.connection.deliver_challenge, here, KEY)
        challenge = received_bytes(there, "deliver_challenge()")
        digest = answers(mp, challenge, KEY)
        there.send_bytes(digest)
        first.result()
        received_bytes(there, "deliver_challenge() after a reply that matches")
        there.send_bytes(digest)
        with raises(
            mp.AuthenticationError, "deliver_challenge(), answered with the digest that an earlier call accepted"
        ):
            mp.connection.deliver_challenge(here, KEY)


@verifies("challenge.deliver.mismatch-sends-no-welcome")
def test_deliver_does_not_welcome_an_end_whose_reply_does_not_match(mp):
    last = []
    for reply_key in (KEY, b"another key"):
        here, there = mp.Pipe()
        with closing(here, there):
            deliver = Task(mp.connection.deliver_challenge, here, KEY)
            there.send_bytes(answers(mp, received_bytes(there, "deliver_challenge()"), reply_key))
            deliver.wait()
            last.append(received_bytes(there, "deliver_challenge()") if there.poll() else None)
    welcome, refusal = last
    assert welcome is not None, "deliver_challenge() sent nothing after a reply that matches, promised is a welcome"
    assert refusal != welcome, f"deliver_challenge() sent {refusal!r}, its welcome, after a reply that does not match"


@verifies("challenge.deliver.other-end-closes")
def test_what_deliver_does_if_the_other_end_closes(mp, observe):
    here, there = mp.Pipe()
    with closing(here, there):
        deliver = Task(mp.connection.deliver_challenge, here, KEY)
        received_bytes(there, "deliver_challenge()")
        there.close()
        deliver.wait()
    observe(f"deliver_challenge() {'raises ' + type(deliver.error).__name__ if deliver.error else 'returns'}")


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


@verifies("challenge.answer.sends-a-digest-of-message-and-key")
def test_answer_depends_on_message_and_key(mp):
    challenges = []
    for _ in range(2):
        here, there = mp.Pipe()
        with closing(here, there):
            deliver = Task(mp.connection.deliver_challenge, here, KEY)
            challenges.append(received_bytes(there, "deliver_challenge()"))
            there.send_bytes(b"no digest")
            deliver.wait()
    first, second = challenges
    digest = answers(mp, first, KEY)
    again, of_another, with_another = (
        answers(mp, first, KEY),
        answers(mp, second, KEY),
        answers(mp, first, b"other key"),
    )
    assert again == digest, f"answer_challenge() sent {again!r} for a message and a key, and {digest!r} before"
    assert of_another != digest, f"answer_challenge() sent {digest!r} for two different messages"
    assert with_another != digest, f"answer_challenge() sent {digest!r} with two different keys"


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


@verifies("challenge.answer.refusal-raises")
@each("key", [b"another key", b"the ke", b"the key!", b""])
def test_answer_raises_if_the_other_end_has_another_key(mp, key):
    _, answer, here, there = handshake(mp, key, KEY)
    with (
        closing(here, there),
        raises(mp.AuthenticationError, f"answer_challenge(_, {KEY!r}) to an end with key {key!r}"),
    ):
        answer.result()


@verifies("challenge.answer.rubbish-for-challenge-raises")
@each("rubbish", [b"", b"\x00", b"rubbish of thirty-two bytes, ...."])
def test_answer_raises_if_the_other_end_speaks_another_language(mp, rubbish):
    here, there = mp.Pipe()
    with closing(here, there):
        there.send_bytes(rubbish)
        there.send_bytes(rubbish)
        call = f"answer_challenge() to an end that sends {rubbish!r} twice, and so no welcome"
        with raises(mp.AuthenticationError, call):
            mp.connection.answer_challenge(here, KEY)


@verifies("challenge.answer.other-end-closes")
def test_what_answer_does_if_the_other_end_closes(mp, observe):
    relayed, far = mp.Pipe()
    near, here = mp.Pipe()
    with closing(relayed, far, near, here):
        deliver = Task(mp.connection.deliver_challenge, far, KEY)
        answer = Task(mp.connection.answer_challenge, here, KEY)
        near.send_bytes(received_bytes(relayed, "deliver_challenge()"))
        received_bytes(near, "answer_challenge()")
        near.close()
        relayed.send_bytes(b"no digest")
        answer.wait()
        deliver.wait()
    observe(f"answer_challenge() {'raises ' + type(answer.error).__name__ if answer.error else 'returns'}")
