"""How a server ends: its process never gets back into the pytest that it was forked from, and its folder is gone."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest

from mpconform.isolation import folders, processes, server, shared_memory
from mpconform.kit import cell


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a run, in which servers make theirs."""
    made = Path(tempfile.mkdtemp(prefix="mpc-"))
    monkeypatch.setenv(cell.RUN, "any")
    monkeypatch.setenv(folders.FOLDER, str(made))
    return made


def test_the_last_server_removes_the_folder_of_the_run(folder: Path) -> None:
    first, last = folders.server_folder(), folders.server_folder()
    folders.remove_server_folder(first)
    assert last.is_dir()
    folders.remove_server_folder(last)
    assert not folder.exists()


def test_two_servers_may_end_at_the_same_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def vanishes(path: Path, pattern: str) -> object:
        path.rmdir()  # by the other one, between its looking and this one's
        return os.scandir(path)

    own = folders.server_folder()
    monkeypatch.setattr(Path, "glob", vanishes)
    folders.remove_server_folder(own)
    assert not folder.exists()


@pytest.mark.parametrize("error", [ChildProcessError, FileNotFoundError])
def test_a_server_that_cannot_clean_up_ends_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: type[OSError]
) -> None:
    def fails(*_: object) -> None:
        raise error

    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            ours.close()
            monkeypatch.setattr(processes, "end_all", fails)
            monkeypatch.setattr(processes, "adopt_orphans", lambda: True)
            monkeypatch.setattr(shared_memory, "own_names", lambda: False)
            server.serve(theirs, lambda item, box: pytest.fail("nothing was asked for"))
        finally:
            os._exit(70)  # it came back
    theirs.close()
    ours.close()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    folders.remove_server_folder(next(folder.iterdir()))
