"""Mutants of the challenge."""

from __future__ import annotations

import hmac
import multiprocessing
import os
import threading
from types import SimpleNamespace
from typing import Any

from mutants import mutant, replace
from mutants.listeners_and_clients.common import connection


@mutant(
    "challenge.handshake.same-key-succeeds",
    "listener.authkey.same-key-connects",
)
def answer_reverses_the_key() -> None:
    @replace(connection, "answer_challenge")
    def answer_challenge(original: Any, other: Any, authkey: bytes) -> None:
        original(other, authkey[::-1])


@mutant("challenge.handshake.any-key-opens-itself-only", "listener.authkey.any-key-opens-itself-only")
def keys_are_cut() -> None:
    for name in ("deliver_challenge", "answer_challenge"):

        @replace(connection, name)
        def challenge(original: Any, other: Any, authkey: bytes) -> None:
            original(other, authkey[:500])


@mutant("challenge.handshake.leaves-the-connection-usable")
def deliver_sends_one_message_more() -> None:
    @replace(connection, "deliver_challenge")
    def deliver_challenge(original: Any, other: Any, authkey: bytes) -> None:
        original(other, authkey)
        other.send("welcome again")


@mutant("challenge.deliver.sends-a-random-message", "challenge.deliver.replayed-reply-raises")
def challenge_is_always_the_same() -> None:
    connection.os = SimpleNamespace(**{**vars(os), "urandom": bytes})


@mutant("challenge.deliver.waits-for-the-reply", "challenge.answer.waits-for-the-welcome")
def handshake_goes_on_in_the_background() -> None:
    for name in ("deliver_challenge", "answer_challenge"):

        @replace(connection, name)
        def challenge(original: Any, other: Any, authkey: bytes) -> None:
            threading.Thread(target=original, args=(other, authkey), daemon=True).start()


@mutant("challenge.deliver.mismatch-raises", "challenge.deliver.rubbish-raises")
def deliver_only_sends_a_refusal() -> None:
    @replace(connection, "deliver_challenge")
    def deliver_challenge(original: Any, other: Any, authkey: bytes) -> None:
        try:
            original(other, authkey)
        except multiprocessing.AuthenticationError:
            pass


@mutant(
    "challenge.deliver.mismatch-sends-no-welcome",
    "challenge.answer.refusal-raises",
    "client.authkey.wrong-key-raises",
)
def everybody_is_welcome() -> None:
    for name, welcome in (("FAILURE", "WELCOME"), ("_FAILURE", "_WELCOME")):
        if hasattr(connection, name):
            setattr(connection, name, getattr(connection, welcome))


@mutant("challenge.answer.sends-a-digest-of-message-and-key")
def digest_ignores_the_message() -> None:
    @replace(hmac, "new")
    def new(original: Any, key: bytes, _: bytes, digest: str) -> Any:
        return original(key, b"", digest)


@mutant("challenge.answer.sends-a-digest-of-message-and-key")
def digest_ignores_the_key() -> None:
    @replace(hmac, "new")
    def new(original: Any, _: bytes, message: bytes, digest: str) -> Any:
        return original(b"", message, digest)


@mutant("challenge.answer.sends-a-digest-of-message-and-key")
def digest_is_another_one_each_time() -> None:
    @replace(hmac, "new")
    def new(original: Any, key: bytes, message: bytes, digest: str) -> Any:
        return original(key, message + os.urandom(8), digest)


@mutant("challenge.answer.rubbish-for-welcome-raises")
def answer_takes_anything_for_a_welcome() -> None:
    @replace(connection, "answer_challenge")
    def answer_challenge(original: Any, other: Any, authkey: bytes) -> None:
        try:
            original(other, authkey)
        except multiprocessing.AuthenticationError:
            pass


@mutant("challenge.answer.rubbish-for-challenge-raises", "client.authkey.listener-without-key-raises")
def answer_tells_of_a_wrong_value() -> None:
    @replace(connection, "answer_challenge")
    def answer_challenge(original: Any, other: Any, authkey: bytes) -> None:
        try:
            original(other, authkey)
        except multiprocessing.AuthenticationError as error:
            raise ValueError("no challenge") from error


def is_content_with_an_end(name: str) -> None:
    """Let a side of the handshake return when the other end of the connection is closed."""

    @replace(connection, name)
    def challenge(original: Any, other: Any, authkey: bytes) -> None:
        try:
            original(other, authkey)
        except (EOFError, OSError):
            pass


@mutant("challenge.deliver.closed-end-raises")
def deliver_is_content_with_an_end() -> None:
    is_content_with_an_end("deliver_challenge")


@mutant("challenge.answer.closed-end-raises")
def answer_is_content_with_an_end() -> None:
    is_content_with_an_end("answer_challenge")


@mutant("challenge.deliver.closed-end-raises")
def deliver_waits_for_a_reply_for_ever() -> None:
    @replace(connection, "deliver_challenge")
    def deliver_challenge(original: Any, other: Any, authkey: bytes) -> None:
        try:
            original(other, authkey)
        except (EOFError, OSError):
            threading.Event().wait()
