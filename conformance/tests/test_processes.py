"""The processes below one: adopted, listed, ended.

Each test works in an interpreter of its own, because adopting orphans is for life.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap

import pytest

PRELUDE = """\
import os, signal, subprocess, sys, time
import psutil
from mpconform.isolation import processes

def started():
    return subprocess.Popen(["sleep", "300"])

def forked(body):
    pid = os.fork()
    if pid == 0:
        try:
            body()
        finally:
            os._exit(0)
    return pid

def orphan(own_session=False):
    # A grandchild whose parent is gone: forked twice. Its pid comes through a pipe.
    read, write = os.pipe()

    def middle():
        def last():
            if own_session:
                os.setsid()
            os.write(write, str(os.getpid()).encode())
            time.sleep(300)
        forked(last)

    os.waitpid(forked(middle), 0)
    return int(os.read(read, 20))

def pids(found):
    return [process.pid for process in found]

def until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "nothing comes of it"
        time.sleep(0.005)
"""


def run(body: str) -> str:
    """Run the body in an interpreter and a session of its own, of which nothing is left; return what it prints."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", PRELUDE + textwrap.dedent(body)],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(60)
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # nobody is left in the session
            process.wait()
        output.seek(0)
        printed = output.read()
    assert process.returncode == 0, printed
    return printed


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")


@on_linux
@pytest.mark.parametrize("own_session", [False, True])
def test_an_orphan_is_adopted_found_and_ended(own_session: bool) -> None:
    run(
        f"""
        assert processes.adopt_orphans()
        pid = orphan(own_session={own_session})
        assert pids(processes.living()) == [pid], (pid, processes.living())
        assert psutil.Process(pid).ppid() == os.getpid()
        assert processes.end_all() == []
        assert not psutil.pid_exists(pid), "it is left, dead or alive"
        assert not processes.children()
        """
    )


@on_linux
def test_an_orphan_is_lost_unless_adopted() -> None:
    run(
        """
        pid = orphan()
        try:
            assert processes.living() == []
            assert pids(processes.living(group=os.getpgrp())) == [pid], "its process group still tells"
            assert processes.end_all(group=os.getpgrp()) == []
            until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
        finally:
            if psutil.pid_exists(pid):
                os.kill(pid, signal.SIGKILL)
        """
    )


def test_living_lists_parents_before_children_and_not_the_dead() -> None:
    run(
        """
        def parent():
            child = started()
            os.write(write, str(child.pid).encode())
            child.wait()

        read, write = os.pipe()
        dead = forked(lambda: None)
        until(lambda: psutil.Process(dead).status() == psutil.STATUS_ZOMBIE)
        outer = forked(parent)
        inner = int(os.read(read, 20))
        assert pids(processes.living()) == [outer, inner]
        assert pids(processes.living(besides=[outer])) == []
        assert not psutil.pid_exists(dead), "the dead child was not reaped"
        assert processes.children()
        processes.end_all()
        """
    )


def test_end_all_spares_what_does_not_count() -> None:
    run(
        """
        spared, ended = started(), started()
        assert processes.end_all(besides={spared.pid}) == []
        assert pids(processes.living()) == [spared.pid]
        assert spared.poll() is None
        spared.kill()
        spared.wait()
        """
    )


def test_end_all_ends_what_ignores_signals_and_what_is_stopped() -> None:
    run(
        """
        def stubborn():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            os.write(write, b".")
            time.sleep(300)

        read, write = os.pipe()
        forked(stubborn)
        os.read(read, 1)
        stopped = started()
        stopped.send_signal(signal.SIGSTOP)
        assert processes.end_all() == []
        assert not processes.children()
        """
    )


@on_linux
def test_end_all_ends_what_replaces_its_children() -> None:
    run(
        """
        def keep_two():
            for _ in range(2):
                forked(lambda: time.sleep(300))
            os.write(write, b".")
            while True:
                os.wait()
                forked(lambda: time.sleep(300))

        processes.adopt_orphans()
        read, write = os.pipe()
        for _ in range(2):
            forked(keep_two)
        assert os.read(read, 1) + os.read(read, 1) == b".."
        assert len(processes.living()) == 6
        assert processes.end_all() == []
        assert not processes.children()
        """
    )


def test_end_all_gives_up_what_it_cannot_end() -> None:
    run(
        """
        child = started()
        processes.attempt = lambda action: None  # as if the kernel held the child
        processes.KILL_PATIENCE = 0.1
        assert pids(processes.end_all()) == [child.pid]
        child.kill()
        child.wait()
        """
    )


def test_nothing_is_below_a_process_without_children() -> None:
    assert run("print(processes.children(), processes.living(), processes.end_all())") == "set() [] []\n"


def test_a_forked_child_tells_its_status_once_it_has_ended() -> None:
    run(
        """
        def wait_then_exit():
            os.read(read, 1)
            os._exit(7)

        read, write = os.pipe()
        child = processes.Forked(forked(wait_then_exit))
        assert child.poll() is None
        os.write(write, b".")
        until(lambda: child.poll() is not None)
        assert child.poll() == child.poll() == 7

        killed = processes.Forked(forked(lambda: time.sleep(300)))
        os.kill(killed.pid, signal.SIGKILL)
        until(lambda: killed.poll() is not None)
        assert killed.poll() == -signal.SIGKILL
        """
    )


def test_a_signal_to_a_process_that_has_ended_is_no_error() -> None:
    run(
        """
        child = started()
        process = psutil.Process(child.pid)
        child.kill()
        child.wait()
        processes.attempt(process.kill)
        assert processes.describe(process) == "?"
        """
    )


def test_describe_is_one_line_of_readable_length() -> None:
    run(
        """
        child = subprocess.Popen(["sleep", *["0000300"] * 100])
        while not psutil.Process(child.pid).cmdline():
            pass  # the kernel lets Popen go on a moment before the command line is there
        text = processes.describe(psutil.Process(child.pid))
        assert len(text) == 160 and text.startswith("sleep 0000300 ") and text.endswith("..."), text
        child.kill()
        child.wait()
        """
    )


@on_linux
def test_a_process_dies_with_its_parent() -> None:
    """It does even if the parent is killed, and has no chance to say so."""
    run(
        """
        def parent():
            def child():
                processes.die_with(os.getppid())
                os.write(write, str(os.getpid()).encode())
                time.sleep(300)
            forked(child)
            time.sleep(300)

        processes.adopt_orphans()
        read, write = os.pipe()
        outer = forked(parent)
        inner = int(os.read(read, 20))
        os.kill(outer, signal.SIGKILL)
        until(lambda: psutil.Process(inner).status() == psutil.STATUS_ZOMBIE)
        assert os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1]) == -signal.SIGKILL
        """
    )


def test_a_process_whose_parent_is_gone_already_dies_at_once() -> None:
    run(
        """
        pid = forked(lambda: processes.die_with(1 << 22))
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
        """
    )
