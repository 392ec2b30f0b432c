"""The reference keeps every promise that applies, under each start method, and no deviation is expected."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT = 1200


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_every_applicable_requirement_passes(tmp_path: Path, method: str) -> None:
    command = [
        str(Path(sys.executable).with_name("mpconform")),
        "run",
        "--backend",
        "reference",
        "--start-method",
        method,
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ran = subprocess.run(
        [*command, "--results", str(tmp_path / "results.jsonl")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "expected deviation" not in ran.stdout, ran.stdout
