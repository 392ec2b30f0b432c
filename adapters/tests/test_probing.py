"""Probing: what a backend says of itself is asked in another process, and never hurts this one."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from pathlib import Path

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
        ("import os; os._exit(3)", r"importing it ended the interpreter \(status 3\): it printed nothing"),
        ("import os; os.write(2, b'\\xffoh no'); os._exit(3)", r"\(status 3\): .oh no"),
        ("import time; time.sleep(60)", "importing it was not done within 1 s"),
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
