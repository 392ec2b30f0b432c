"""Shared memory with a name: who removes it when its users were killed, and what a list in it holds."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mpreference import named_memory, tracking
from mpreference.connection import Listener
from mpreference.shared_memory import ShareableList, SharedMemory

LIMIT = 60

FAMILY = f"""
import os
import signal
import sys

import mpreference
from mpreference.shared_memory import SharedMemory

def live(name):
    shared, own = SharedMemory(name), SharedMemory(create=True, size=1)
    print(os.getpid(), shared.name, own.name, flush=True)
    signal.alarm({LIMIT})
    signal.pause()

def main(method):
    shared = SharedMemory(create=True, size=1)
    child = mpreference.get_context(method).Process(target=live, args=(shared.name,))
    child.start()
    child.join()

if __name__ == "__main__":
    main(sys.argv[1])
"""


def is_there(name: str) -> bool:
    """Return whether there is a block of this name."""
    try:
        os.close(named_memory.open_named(name, os.O_RDONLY))
    except FileNotFoundError:
        return False
    return True


def goes(name: str, seconds: float) -> bool:
    """Return whether the block of this name goes within some seconds."""
    end = time.monotonic() + seconds
    while is_there(name):
        if time.monotonic() > end:
            return False
    return True


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_blocks_go_with_the_last_of_the_family(tmp_path: Path, method: str) -> None:
    (tmp_path / "family.py").write_text(FAMILY)
    command = [sys.executable, "family.py", method]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child, shared, own = parent.stdout.readline().split()
        parent.kill()
        parent.wait()
        assert is_there(shared), "a block is gone although a child of its creator lives"
        os.kill(int(child), signal.SIGKILL)
    assert goes(shared, 5), "a block is there 5 seconds after all who knew it were killed"
    assert goes(own, 5), "a block of a child is there 5 seconds after all who knew it were killed"


LOSS = f"""
import os
import signal

import psutil
from mpreference.shared_memory import SharedMemory

SharedMemory(create=True, size=1).unlink()
[tracker] = psutil.Process().children()
tracker.kill()
tracker.wait({LIMIT})
print(SharedMemory(create=True, size=1).name, flush=True)
signal.alarm({LIMIT})
signal.pause()
"""


def test_a_tracker_that_was_killed_is_replaced() -> None:
    with subprocess.Popen([sys.executable, "-c", LOSS], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        name = program.stdout.readline().strip()
        assert is_there(name)
        program.kill()
    assert goes(name, 5), "a block is there 5 seconds after its creator was killed: the second tracker does not know it"


@pytest.fixture(params=[True, False], ids=["files", "calls"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test in both ways to open named memory."""
    if request.param and not named_memory.IN_FILES:
        pytest.skip("named memory is not in files here")
    monkeypatch.setattr(named_memory, "IN_FILES", request.param)


@pytest.fixture
def block(way: None) -> Iterator[SharedMemory]:
    """Give a new block of 100 bytes."""
    made = SharedMemory(create=True, size=100)
    yield made
    made.close()
    made.unlink()


def test_a_block_is_found_by_its_name(block: SharedMemory) -> None:
    other = SharedMemory(block.name)
    assert bytes(other.buf[:100]) == bytes(100)
    block.buf[99] = 7
    assert other.buf[99] == 7
    with pytest.raises(FileExistsError):
        SharedMemory(block.name, create=True, size=1)
    other.close()
    with pytest.raises(ValueError, match="released"):
        other.buf[0]


@pytest.mark.usefixtures("way")
def test_what_is_no_block_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        SharedMemory("mpr_there_is_none")
    for name in ("", "/", "..", "a/b", "a\0b"):
        with pytest.raises(ValueError, match="no name for shared memory"):
            SharedMemory(name, create=True, size=1)
    with pytest.raises(ValueError, match="at least one byte"):
        SharedMemory(create=True)
    with pytest.raises(ValueError, match="needs a name"):
        ShareableList()


def test_a_block_in_use_is_not_closed(block: SharedMemory) -> None:
    other = SharedMemory(block.name)
    part = other.buf[:4]
    with pytest.raises(BufferError):
        other.close()
    part[0] = 7
    assert block.buf[0] == 7
    part.release()
    other.close()


def test_a_list_keeps_what_it_is_given() -> None:
    values: list[int | float | bool | str | bytes | None] = ["text\0", b"data\0\0", "", b"", "é" * 5, True, None]
    values += [-(2**63), 2**63 - 1, 1e-300, False]
    made = ShareableList(values)
    try:
        assert list(made) == values
        assert [type(value) for value in pickle.loads(pickle.dumps(made))] == [type(value) for value in values]
        made[2] = "8 bytes."
        with pytest.raises(ValueError, match="room"):
            made[2] = "9 bytes.."
        with pytest.raises(OverflowError):
            made[0] = 2**63
        with pytest.raises(TypeError):
            made[0] = [1]  # type: ignore[assignment]
        assert [made[0], made[2]] == ["text\0", "8 bytes."]
    finally:
        made.shm.close()
        made.shm.unlink()


def test_a_block_without_a_list_is_refused(block: SharedMemory) -> None:
    with pytest.raises(ValueError, match="no ShareableList"):
        ShareableList(name=block.name)


def test_a_listener_may_be_collected_while_something_is_told_to_the_tracker() -> None:
    def collect() -> None:
        listener = Listener(family="AF_UNIX")
        with tracking._lock:
            del listener

    thread = threading.Thread(target=collect, daemon=True)
    thread.start()
    thread.join(LIMIT / 6)
    assert not thread.is_alive(), "it waits for itself"
