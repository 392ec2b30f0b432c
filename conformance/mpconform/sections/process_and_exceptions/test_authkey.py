"""The authentication key of a process."""

from __future__ import annotations

from mpconform.kit import verifies


@verifies("process.authkey.is-bytes")
def test_authkey_is_a_byte_string(mp):
    for process in (mp.current_process(), mp.Process()):
        assert isinstance(process.authkey, bytes), (
            f"authkey of {process!r} is a {type(process.authkey).__name__}, promised a byte string"
        )


@verifies("process.authkey.random-in-main")
def test_main_process_of_each_program_has_a_key_of_its_own(program):
    script = "print(bytes(mp.current_process().authkey).hex())"
    outcomes = [program(script) for _ in range(2)]
    keys = [outcome.output.strip() for outcome in outcomes]
    assert keys[0] and keys[1], f"authkey of the main process: {outcomes}, promised a random byte string"
    assert keys[0] != keys[1], f"authkey of the main process: {keys[0]} in two programs, promised to be random"


@verifies("process.authkey.inherited")
def test_new_process_inherits_the_current_key(mp):
    current = mp.current_process()
    original = bytes(current.authkey)
    first = bytes(mp.Process().authkey)
    current.authkey = b"another key of the parent"
    second = bytes(mp.Process().authkey)
    current.authkey = original
    assert first == original, f"authkey of a new process is {first!r}, promised the parent's, {original!r}"
    assert second == b"another key of the parent", (
        f"authkey of a new process is {second!r}, promised b'another key of the parent', which its parent then has"
    )


@verifies("process.authkey.settable")
def test_authkey_may_be_set(mp):
    process = mp.Process()
    process.authkey = b"a key of its own"
    assert process.authkey == b"a key of its own", f"authkey = b'a key of its own': authkey is {process.authkey!r}"
    assert mp.current_process().authkey != b"a key of its own", "authkey of a process object set: the parent's changed"
