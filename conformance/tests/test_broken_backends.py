"""The broken backends break what they are there to break, and nothing before it: in a session of its own each."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
METHODS = ("fork", "spawn", "forkserver")

PRELUDE = """
import os, sys, time, mpadapters

def hold(path):
    open(path, "w").close()
    time.sleep(20)

if __name__ == "__main__":
    mp = mpadapters.find("broken." + sys.argv[1]).namespace(sys.argv[2])
    ready = os.path.join(sys.argv[3], "ready")

    def held():
        child = mp.Process(target=hold, args=(ready,), daemon=True)
        child.start()
        while not os.path.exists(ready):
            time.sleep(0.01)
        return child

"""


def run(tmp_path: Path, name: str, method: str, body: str, limit: float = 30) -> subprocess.CompletedProcess[bytes]:
    """Run the body as a script in which ``mp`` is the broken backend, and return how it ended.

    It gets a session of its own, which is ended with it. Raises ``TimeoutExpired`` if it is not done in time.
    """
    script = tmp_path / "broken_main.py"
    script.write_text(PRELUDE + "".join(f"    {line}\n" for line in body.strip().splitlines()))
    output, errors = tmp_path / "out", tmp_path / "err"
    with output.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, str(script), name, method, str(tmp_path)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, "PYTHONPATH": str(HERE), "BROKEN_FLAKY_COUNTER": str(tmp_path / "counter")},
            start_new_session=True,
        )
        try:
            status = process.wait(limit)
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # nobody is left in the session
            process.wait()
    return subprocess.CompletedProcess(process.args, status, output.read_bytes(), errors.read_bytes())


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    """Return each start method."""
    return str(request.param)


def test_hangs_in_join(tmp_path: Path, method: str) -> None:
    body = "child = mp.Process(target=print)\nchild.start()\nopen(ready, 'w').close()\nchild.join(0.01)"
    with pytest.raises(subprocess.TimeoutExpired):
        run(tmp_path, "hangs_in_join", method, body, limit=2)
    assert (tmp_path / "ready").exists(), "it hangs before join()"


def test_crashes(tmp_path: Path, method: str) -> None:
    ended = run(tmp_path, "crashes", method, "mp.Process(target=print).start()")
    assert ended.returncode == -signal.SIGSEGV, ended


def test_leaks_process(tmp_path: Path, method: str) -> None:
    body = """
child = mp.Process(target=print)
child.start()
child.join()
import broken.leaks_process as backend
print(child.exitcode, [(h.pid, os.getsid(h.pid) == h.pid, h.poll()) for h in backend.HELPERS])
"""
    ended = run(tmp_path, "leaks_process", method, body)
    exit_code, helpers = ended.stdout.decode().strip().splitlines()[-1].split(" ", 1)
    ((pid, own_session, status),) = ast.literal_eval(helpers)
    try:
        assert (exit_code, own_session, status) == ("0", True, None), ended
        os.kill(pid, 0)  # still there, after all that started it has ended
    finally:
        os.kill(pid, signal.SIGKILL)


def test_leaks_descriptor(tmp_path: Path, method: str) -> None:
    body = """
child = mp.Process(target=print)
child.start()
child.join()
before = len(os.listdir("/proc/self/fd"))
child.join()
child.join()
print(len(os.listdir("/proc/self/fd")) - before)
"""
    if not Path("/proc/self/fd").exists():
        pytest.skip("no list of descriptors here")
    assert run(tmp_path, "leaks_descriptor", method, body).stdout.decode().split()[-1] == "2"


def test_flaky(tmp_path: Path, method: str) -> None:
    statuses = [run(tmp_path, "flaky", method, "mp.Pipe()\nmp.Pipe()").returncode for _ in range(4)]
    assert statuses == [1, 0, 1, 0]


def test_lacks_half(tmp_path: Path, method: str) -> None:
    body = """
mp.Process, mp.Pipe, mp.Lock, mp.connection
print([n for n in ("Queue", "JoinableQueue", "Manager", "Pool", "managers", "pool", "sharedctypes") if hasattr(mp, n)])
"""
    ended = run(tmp_path, "lacks_half", method, body)
    assert (ended.returncode, ended.stdout) == (0, b"[]\n"), ended


def test_import_fails(tmp_path: Path) -> None:
    ended = run(tmp_path, "import_fails", "fork", "")
    assert ended.returncode == 1
    assert b"this backend cannot be imported" in ended.stderr


def test_noisy(tmp_path: Path, method: str) -> None:
    body = "child = mp.Process(target=print)\nchild.start()\nchild.join()\nprint(child.exitcode)"
    ended = run(tmp_path, "noisy", method, body)
    assert ended.stdout.strip().endswith(b"0"), "the child works all the same"
    for stream in (ended.stdout, ended.stderr):
        assert stream.count(b'{"kind": "test", "test": "fake"') >= 3, "on import, on start, and in the child"
        with pytest.raises(UnicodeDecodeError):
            stream.decode()


def test_exits_early(tmp_path: Path, method: str) -> None:
    ended = run(tmp_path, "exits_early", method, "held().is_alive()\nprint('went on', flush=True)")
    assert (ended.returncode, ended.stdout) == (0, b""), ended


def test_kills_its_group(tmp_path: Path, method: str) -> None:
    ended = run(tmp_path, "kills_its_group", method, "held().terminate()\nprint('went on', flush=True)")
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, b""), ended


def test_ignores_sigterm(tmp_path: Path, method: str) -> None:
    body = "child = held()\nchild.terminate()\nchild.join(0.3)\nprint(child.is_alive())\nchild.kill()\nchild.join()"
    assert run(tmp_path, "ignores_sigterm", method, body).stdout == b"True\n"
