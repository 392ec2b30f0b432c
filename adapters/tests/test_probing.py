"""Probing: what a backend says of itself is asked in another process, and never hurts this one."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from mpadapters import AdapterError, probing

Place = Callable[[str, str], Path]


def test_a_backend_is_probed_without_being_imported_here(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    place("probed.py", "print('noise')\n__version__ = '7'\ndef get_all_start_methods(): return ['spawn']")
    probe = probing.probe("probed")
    assert probe == probing.Probe("probed", "mpadapters.finding:ModuleAdapter=probed", "7", ("spawn",))
    assert "probed" not in sys.modules
    assert capfd.readouterr() == ("", ""), "what it prints goes nowhere"
    assert probing.probe("stdlib").version == platform.python_version()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "raise RuntimeError('not today')",
            r"^backend 'probed': importing 'probed' failed with RuntimeError\('not today'\): make",
        ),
        ("import os; os._exit(3)", r"importing it: the interpreter ended with status 3: make `python -c "),
        ("import os; os.write(2, b'\\xffoh no'); os._exit(3)", r"ended with status 3 \(last words: '.oh no'\): make"),
        ("import time; time.sleep(60)", "importing it: not done within 1 s: make"),
        ("def get_all_start_methods(): raise OSError(5)", r"its adapter raised OSError\(5\)"),
    ],
)
def test_a_backend_that_cannot_be_imported_is_an_error_of_one_line(
    place: Place, monkeypatch: pytest.MonkeyPatch, text: str, says: str
) -> None:
    if "sleep" in text:
        monkeypatch.setattr(probing, "LIMIT", 1.0)
    place("probed.py", text)
    with pytest.raises(AdapterError, match=says) as caught:
        probing.probe("probed")
    assert "\n" not in str(caught.value)


DAEMON = """
import os, subprocess, sys, time
__version__ = "1"
def get_all_start_methods(): return ["spawn"]
print("noise", flush=True)
if not os.path.exists({path!r}):
    code = "import os, time; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); "
    code += "open({path!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    subprocess.run([sys.executable, "-c", code])
    while not (os.path.exists({path!r}) and open({path!r}).read()): time.sleep(0.01)
{then}
"""


@pytest.mark.parametrize("then", ["", "os._exit(3)", "time.sleep(600)"])
def test_what_a_backend_starts_when_it_is_imported_is_ended(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    monkeypatch.setattr(probing, "LIMIT", 60.0 if "sleep" not in then else 5.0)
    path = tmp_path / "daemon"
    place("probed.py", DAEMON.format(path=str(path), then=then))
    if then:
        with pytest.raises(AdapterError, match="status 3" if "exit" in then else "not done"):
            probing.probe("probed")
    else:
        assert probing.probe("probed").version == "1"
    assert not psutil.pid_exists(int(path.read_text())), "a daemon that its import started lives on"


def test_a_backend_that_prints_before_it_is_asked_is_probed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place("sitecustomize.py", "import os; os.write(1, b'a line\\nand a half')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    assert probing.probe("stdlib").version == platform.python_version()
