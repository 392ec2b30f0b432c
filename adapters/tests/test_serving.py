"""What an adapter starts runs for the time of a block, tells its address, and is gone afterwards, whoever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

import mpadapters
from mpadapters import AdapterError, supervising
from mpadapters.serving import SERVED, serving

Place = Callable[[str, str], Path]

ADAPTER = """
import os, signal, subprocess, sys, threading, time
from pathlib import Path
from mpadapters import Adapter

LOG = Path({log!r})

def log(text):
    with LOG.open("a") as file:
        file.write(text + "\\n")

DAEMON = '''
import os, sys, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
with open(sys.argv[1], "a") as file: file.write(f"daemon {{os.getpid()}}\\\\n")
time.sleep(600)
'''

def daemon():
    "Start a process that leaves its parent, its group and its session."
    subprocess.run([sys.executable, "-c", DAEMON, str(LOG)])
    while "daemon" not in LOG.read_text():
        time.sleep(0.01)

class A(Adapter):
    name = "served"
    package = "multiprocessing"
    server = None

    def start(self):
        log(f"start {{os.getpid()}}")
        self.server = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        log(f"server {{self.server.pid}}")
        daemon()
        os.environ["SERVED_ADDRESS"] = "here"
        os.environ.pop("SERVED_NOT", None)
        os.environ["SERVED_TOO"] = "new"
        print("noise")

    def stop(self):
        log(f"stop {{os.getpid()}}")
        if self.server:
            self.server.terminate()
            self.server.wait(10)
"""


class Log:
    """What an adapter has written down: a word and a number a line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def words(self) -> list[str]:
        """Return the words in order."""
        return [line.split()[0] for line in self.path.read_text().splitlines()]

    def pids(self, *words: str) -> list[int]:
        """Return the numbers written with one of these words, or all."""
        lines = [line.split() for line in self.path.read_text().splitlines()]
        return [int(number) for word, number in lines if not words or word in words]


def gone(pids: list[int], limit: float = 20) -> bool:
    """Return whether all of these processes end within the limit."""
    end = time.monotonic() + limit
    while any(alive(pid) for pid in pids):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def alive(pid: int) -> bool:
    """Return whether the process is there, and no zombie."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def log(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Log:
    """Return what the adapter ``served_adapter:A`` writes."""
    monkeypatch.setenv("SERVED_NOT", "old")
    monkeypatch.setenv("SERVED_TOO", "old")
    monkeypatch.delenv("SERVED_ADDRESS", raising=False)
    monkeypatch.delenv(SERVED, raising=False)
    path = tmp_path / "log"
    path.touch()
    place("served_adapter.py", ADAPTER.format(log=str(path)))
    return Log(path)


def made(place: Place, body: str) -> Any:
    """Return an adapter with this body, derived from that of the file above."""
    place("derived_adapter.py", f"from served_adapter import *\nclass B(A):\n{body}\n")
    return mpadapters.load("derived_adapter:B")


def load() -> Any:
    """Return the adapter."""
    return mpadapters.load("served_adapter:A")


def test_it_runs_for_the_time_of_the_block_and_tells_its_address(log: Log, capfd: pytest.CaptureFixture[str]) -> None:
    before = dict(os.environ)
    with serving(load()) as server:
        assert log.words() == ["start", "server", "daemon"]
        assert all(map(alive, log.pids()))
        assert os.getpid() not in log.pids("start"), "start() has a process of its own"
        told = {name: os.environ.get(name) for name in ("SERVED_ADDRESS", "SERVED_NOT", "SERVED_TOO", SERVED)}
        assert told == {"SERVED_ADDRESS": "here", "SERVED_NOT": None, "SERVED_TOO": "new", SERVED: "served_adapter:A"}
        assert server.pid in [child.pid for child in psutil.Process().children()]
    assert log.words()[3:] == ["stop"]
    assert log.pids("start") == log.pids("stop"), "stop() runs where start() did"
    assert not any(map(alive, log.pids())), "of what was started nothing is left when the block is over"
    assert dict(os.environ) == before, "the environment is as it was"
    assert server.trouble == ""
    assert capfd.readouterr() == ("", ""), "what it prints goes nowhere"


def test_an_exception_in_the_block_goes_on_and_leaves_nothing(log: Log) -> None:
    with pytest.raises(KeyboardInterrupt), serving(load()):
        raise KeyboardInterrupt
    assert log.words()[-1] == "stop"
    assert not any(map(alive, log.pids()))


def test_inside_of_the_block_nothing_is_started_again(log: Log) -> None:
    with serving(load()):
        with serving(load()) as again:
            assert again.pid is None
        code = (
            "import mpadapters; from mpadapters.serving import serving\n"
            "with serving(mpadapters.load('served_adapter:A')) as again: print(again.pid)"
        )
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        told = subprocess.check_output([sys.executable, "-c", code], text=True, env=environment, timeout=60)
        assert told == "None\n"
        assert log.words() == ["start", "server", "daemon"]
        assert os.environ["SERVED_ADDRESS"] == "here"


def test_another_adapter_is_started_inside_of_the_block(log: Log, place: Place) -> None:
    other = made(place, "    pass")
    with serving(load()):
        with serving(other):
            assert log.words().count("start") == 2
            assert os.environ[SERVED] == "derived_adapter:B"
        assert os.environ[SERVED] == "served_adapter:A"


def test_an_adapter_that_overrides_neither_costs_nothing() -> None:
    before = dict(os.environ)
    with serving(mpadapters.find("stdlib")) as server:
        assert server.pid is None
        assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("start", "says", "stopped_by"),
    [
        ("raise OSError(5)", r"start\(\): raised OSError\(5\): make it work in a process that has run nothing", "it"),
        ("raise SystemExit(3)", r"start\(\): raised SystemExit\(3\): make", "it"),
        ("raise OSError('a\\nb')", r"start\(\): raised OSError\('a\\nb'\): make", "it"),
        ("os.write(2, b'why'); raise OSError(5)", r"raised OSError\(5\) \(last words: 'why'\): make", "it"),
        ("from mpadapters import AdapterError; raise AdapterError(\"backend 'served': do this\")", "do this$", "it"),
        ("time.sleep(600)", r"start\(\): not done within 3 s: make it work", "it"),
        ("signal.pthread_kill(threading.get_ident(), 6)", r"the interpreter was ended by SIGABRT: make", "another"),
        ("os.write(2, b'\\xffoh\\nno\\n'); os._exit(7)", r"ended with status 7 \(last words: 'no'\): make", "another"),
    ],
)
def test_a_start_that_fails_is_one_line_and_is_stopped(
    log: Log, place: Place, start: str, says: str, stopped_by: str
) -> None:
    adapter = made(place, f"    def start(self):\n        super().start()\n        {start}")
    before = dict(os.environ)
    with pytest.raises(AdapterError, match=f"^backend 'served': .*{says}") as caught, serving(adapter, limit=3):
        pytest.fail("the block must not be entered")
    assert "\n" not in str(caught.value)
    assert log.words() == ["start", "server", "daemon", "stop"]
    assert (log.pids("start") == log.pids("stop")) == (stopped_by == "it")
    assert not any(map(alive, log.pids()))
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("stop", "says"),
    [
        ("raise OSError(5)", "backend 'served': stop(): raised OSError(5)"),
        (
            "sys.stderr.write('wait\\n'); time.sleep(600)",
            "backend 'served': stop(): not done within 3 s (last words: 'wait')",
        ),
        ("os._exit(7)", "backend 'served': stop(): the interpreter ended with status 7"),
    ],
)
def test_a_stop_that_fails_is_told_and_nothing_is_left(log: Log, place: Place, stop: str, says: str) -> None:
    adapter = made(place, f"    def stop(self):\n        {stop}")
    with serving(adapter, limit=3) as server:
        pass
    assert server.trouble == says
    assert not any(map(alive, log.pids()))


def test_a_server_process_that_dies_meanwhile_is_stopped_in_another(log: Log, place: Place) -> None:
    adapter = made(place, "    def stop(self):\n        log(f'{os.environ[\"SERVED_ADDRESS\"]} {os.getpid()}')")
    with serving(adapter) as server:
        os.kill(log.pids("start")[0], signal.SIGKILL)
    assert server.trouble == ""
    assert log.words()[-1] == "here", "stop() has the environment that start() made"
    assert not any(map(alive, log.pids()))


def test_a_supervisor_that_is_killed_is_told_and_stop_is_called_all_the_same(log: Log) -> None:
    with serving(load()) as server:
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
    assert server.trouble == "backend 'served': stop(): the supervisor is lost"
    try:
        assert gone(log.pids("start", "server"))
        assert log.words()[-1] == "stop"
    finally:
        os.kill(log.pids("daemon")[0], signal.SIGKILL)


def test_an_adapter_that_cannot_be_made_again(log: Log) -> None:
    class Local(type(load())):  # type: ignore[misc]
        pass

    with pytest.raises(AdapterError, match="cannot be made"), serving(Local()):
        pass
    assert log.words() == []


CALLER = """
import os, signal, sys, time, mpadapters
from mpadapters.serving import serving
with serving(mpadapters.load({location!r}), limit=30):
    {before}
    print("ready", flush=True)
    {then}
"""


def run_caller(location: str, then: str, before: str = "") -> subprocess.Popen[str]:
    """Run a caller, up to the point where it serves."""
    return subprocess.Popen(
        [sys.executable, "-c", CALLER.format(location=location, then=then, before=before)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_of_a_caller_that_is_killed(log: Log, number: int) -> None:
    with run_caller("served_adapter:A", "time.sleep(600)") as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "ready\n"
        below = psutil.Process(caller.pid).children(recursive=True)
        caller.send_signal(number)
        caller.wait(30)
    assert gone([process.pid for process in below] + log.pids())
    assert log.words()[-1] == "stop"


def test_nothing_is_left_of_a_caller_whose_forked_child_lives_on(log: Log) -> None:
    fork = "child = os.fork()\n    if not child: os.close(1); time.sleep(120); os._exit(0)\n    print(child)"
    with run_caller("served_adapter:A", "time.sleep(600)", fork) as caller:
        assert caller.stdout is not None
        child = int(caller.stdout.readline())
        assert caller.stdout.readline() == "ready\n"
        caller.kill()
    try:
        assert gone(log.pids()), "the child holds the caller's end of the pipe; the caller's pid tells"
    finally:
        os.kill(child, signal.SIGKILL)


def test_nothing_is_left_of_a_caller_that_is_killed_while_it_starts(log: Log, place: Place) -> None:
    made(
        place,
        "    def start(self):\n        super().start()\n        log(f'hangs {os.getpid()}')\n        time.sleep(600)",
    )
    with run_caller("derived_adapter:B", "") as caller:
        end = time.monotonic() + 30
        while "hangs" not in log.words() and time.monotonic() < end:
            time.sleep(0.01)
        caller.kill()
    assert gone(log.pids())
    assert log.words()[-1] == "stop"


def test_a_forked_child_that_leaves_the_block_stops_nothing(log: Log) -> None:
    server = serving(load())
    with server:
        child = os.fork()
        if child == 0:
            server.__exit__(None, None, None)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        time.sleep(0.3)
        assert "stop" not in log.words()
        assert all(map(alive, log.pids("server", "daemon")))


def test_where_no_orphan_is_adopted_a_mark_tells_what_is_below(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on any system but Linux; and the process that serves, dead, makes orphans of what it started."""
    real = supervising.Below

    def without(code: str, *arguments: Any, **options: Any) -> Any:
        change = "import mpadapters.supervising as s; s._adopt_orphans = lambda: False; "
        return real(change + code, *arguments, **options)

    monkeypatch.setattr(supervising, "Below", without)
    with serving(load()):
        os.kill(log.pids("start")[0], signal.SIGKILL)
    assert log.words() == ["start", "server", "daemon", "stop"]
    assert gone(log.pids())


def test_an_orphan_that_ends_is_reaped_so_that_stop_sees_it_go(log: Log, place: Place) -> None:
    adapter = made(place, """
    def stop(self):
        pid = int(LOG.read_text().split("daemon ")[1].split()[0])
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + 20
        while os.path.exists(f"/proc/{pid}"):
            if time.monotonic() > end:
                raise OSError("it is a zombie")
            time.sleep(0.01)
""")  # fmt: skip
    with serving(adapter) as server:
        pass
    assert server.trouble == ""
