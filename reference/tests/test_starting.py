"""How children find the main module of their parent, and what is left when somebody is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import psutil
import pytest

METHODS = ("spawn", "forkserver")
LIMIT = 60

TALK = """\
import sys

import mpreference as multiprocessing

def talk(word):
    print(word, __name__, flush=True)

def main(method):
    context = multiprocessing.get_context(method)
    child = context.Process(target=talk, args=("hello from",))
    child.start()
    child.join()
    print("exit code", child.exitcode)
"""
GUARDED = TALK + '\nif __name__ == "__main__":\n    main(sys.argv[1])\n'
UNGUARDED = TALK + "\nif multiprocessing.parent_process() is None:\n    main(sys.argv[1])\n"


def printed(*command: str, folder: Path, given: str | None = None) -> list[str]:
    """Return the lines that a Python with these arguments prints, in a folder."""
    ran = subprocess.run(
        [sys.executable, *command], cwd=folder, input=given, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    return ran.stdout.splitlines()


@pytest.mark.parametrize("method", METHODS)
class TestMainModule:
    """What is defined in the main module of a program is there in its children."""

    def test_of_a_script(self, tmp_path: Path, method: str) -> None:
        (tmp_path / "talk.py").write_text(GUARDED)
        assert printed("talk.py", method, folder=tmp_path) == ["hello from __mp_main__", "exit code 0"]

    def test_of_a_module(self, tmp_path: Path, method: str) -> None:
        (tmp_path / "talk.py").write_text(GUARDED)
        assert printed("-m", "talk", method, folder=tmp_path) == ["hello from __mp_main__", "exit code 0"]

    def test_of_a_package_without_a_guard(self, tmp_path: Path, method: str) -> None:
        (tmp_path / "talks").mkdir()
        (tmp_path / "talks" / "__init__.py").touch()
        (tmp_path / "talks" / "__main__.py").write_text(UNGUARDED)
        assert printed("-m", "talks", method, folder=tmp_path) == ["hello from __mp_main__", "exit code 0"]

    def test_of_a_folder(self, tmp_path: Path, method: str) -> None:
        (tmp_path / "talks").mkdir()
        (tmp_path / "talks" / "__main__.py").write_text(GUARDED)
        assert printed("talks", method, folder=tmp_path) == ["hello from __mp_main__", "exit code 0"]

    def test_of_a_zip_file(self, tmp_path: Path, method: str) -> None:
        with zipfile.ZipFile(tmp_path / "talks.zip", "w") as archive:
            archive.writestr("__main__.py", GUARDED)
        assert printed("talks.zip", method, folder=tmp_path) == ["hello from __mp_main__", "exit code 0"]

    def test_of_a_command_there_is_none_but_other_modules_are_found(self, tmp_path: Path, method: str) -> None:
        (tmp_path / "talk.py").write_text(TALK)
        command = f"import talk; talk.main({method!r})"
        assert printed("-c", command, folder=tmp_path) == ["hello from talk", "exit code 0"]

    def test_of_standard_input_there_is_none_but_other_modules_are_found(self, tmp_path: Path, method: str) -> None:
        (tmp_path / "talk.py").write_text(TALK)
        program = f"import talk\ntalk.main({method!r})\n"
        assert printed(folder=tmp_path, given=program) == ["hello from talk", "exit code 0"]


def test_what_a_child_sends_of_the_main_module_is_the_same_class_in_its_parent(tmp_path: Path) -> None:
    (tmp_path / "points.py").write_text(
        """\
import os, pickle, sys

import mpreference

class Point:
    pass

def send(path):
    with open(path, "wb") as file:
        pickle.dump(Point(), file)

if __name__ == "__main__":
    child = mpreference.get_context("spawn").Process(target=send, args=("point",))
    child.start()
    child.join()
    with open("point", "rb") as file:
        print(type(pickle.load(file)) is Point)
"""
    )
    assert printed("points.py", folder=tmp_path) == ["True"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_without_pidfd_a_child_is_joined_and_sees_the_end_of_its_parent(tmp_path: Path, method: str) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\ndel os.pidfd_open\n")
    (tmp_path / "watch.py").write_text(
        """\
import os, sys

import mpreference

def child(ready):
    parent = mpreference.parent_process()
    assert parent.is_alive()
    open("up", "w").close()
    parent.join(30)
    open("gone" if not parent.is_alive() else "still there", "w").close()

def nothing():
    pass

if __name__ == "__main__":
    context = mpreference.get_context(sys.argv[1])
    quick = context.Process(target=nothing)
    quick.start()
    quick.join(30)
    print(quick.exitcode, flush=True)
    context.Process(target=child, args=(None,)).start()
    while not os.path.exists("up"):
        pass
    os._exit(0)
"""
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    ran = subprocess.run(
        [sys.executable, "watch.py", method],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("0\n", "")
    assert eventually(lambda: (tmp_path / "gone").exists()), os.listdir(tmp_path)


def eventually(condition, seconds: float = 10) -> bool:
    """Return whether the condition comes true within some seconds."""
    waiting = psutil.Process()
    for _ in range(int(seconds * 100)):
        if condition():
            return True
        try:
            waiting.wait(0.01)
        except psutil.TimeoutExpired:
            pass
    return False


def test_a_child_runs_that_is_forked_while_a_thread_reads_what_is_typed(tmp_path: Path) -> None:
    (tmp_path / "read.py").write_text(
        """\
import os, sys, threading

import mpreference

def read():
    lines.append(sys.stdin.readline())
    began.set()
    lines.append(sys.stdin.readline())

def look():
    sys.exit(len(sys.stdin.read()))

reader, writer = os.pipe()
os.dup2(reader, 0)
os.write(writer, b"1\\n")
lines, began = [], threading.Event()
thread = threading.Thread(target=read)
thread.start()
began.wait()
codes = []
for _ in range(10):  # while the first is forked the thread may not have gone on yet
    child = mpreference.get_context("fork").Process(target=look, daemon=True)
    child.start()
    child.join(10)
    codes.append(child.exitcode)
os.write(writer, b"2\\n")
thread.join()
print(set(codes), lines)
"""
    )
    assert printed("read.py", folder=tmp_path) == ["{0} ['1\\n', '2\\n']"]


@pytest.mark.parametrize("raised", ["ZeroDivisionError", "SystemExit"])
def test_a_main_module_that_children_cannot_run_ends_them_and_not_the_fork_server(tmp_path: Path, raised: str) -> None:
    (tmp_path / "odd.py").write_text(
        f"""\
import psutil

import mpreference

def nothing():
    pass

if mpreference.parent_process() is not None:
    raise {raised}(7)

if __name__ == "__main__":
    context = mpreference.get_context("forkserver")
    codes, servers = [], set()
    for _ in range(2):
        child = context.Process(target=nothing)
        child.start()
        child.join()
        codes.append(child.exitcode)
        servers.update(psutil.Process().children())
    print(codes, len(servers))
"""
    )
    ran = subprocess.run(
        [sys.executable, "odd.py"], cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    code = 7 if raised == "SystemExit" else 1
    assert ran.stdout == f"[{code}, {code}] 1\n", ran
    assert ran.stderr.count("ZeroDivisionError: 7") == (2 if raised == "ZeroDivisionError" else 0), ran.stderr


def test_a_child_that_outlives_the_fork_server_is_alive_until_it_ends(tmp_path: Path) -> None:
    (tmp_path / "outlive.py").write_text(
        """\
import os

import psutil

import mpreference

def wait(end):
    os.read(end.fileno(), 1)

if __name__ == "__main__":
    here, there = mpreference.Pipe()
    child = mpreference.get_context("forkserver").Process(target=wait, args=(there,))
    child.start()
    [server] = psutil.Process().children()
    server.kill()
    server.wait()
    print(child.is_alive(), child.exitcode, child.join(0.01))
    here.send_bytes(b"")
    child.join()
    print(child.is_alive(), child.exitcode)
"""
    )
    assert printed("outlive.py", folder=tmp_path) == ["True None None", "False 255"]
