"""cpu_count()."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mpconform.kit import verifies
from mpconform.kit.program import with_tools


@verifies("cpu_count.call.number-of-the-system")
def test_cpu_count_is_that_of_the_system(mp):
    found = mp.cpu_count()
    assert found == os.cpu_count(), f"cpu_count() returned {found!r}, promised {os.cpu_count()}, as os.cpu_count()"


@verifies("cpu_count.call.ignores-affinity")
def test_cpu_count_is_not_what_the_process_can_use(mp):
    promised = os.cpu_count()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = mp.cpu_count()
    assert found == promised, (
        f"cpu_count() in a process that is confined to one processor returned {found!r}, promised {promised}"
    )


@verifies("cpu_count.call.undetermined-raises-notimplementederror")
def test_cpu_count_that_cannot_be_determined(mp):
    for name in ("cpu_count", "process_cpu_count"):
        if hasattr(os, name):
            setattr(os, name, lambda: None)
    try:
        found = mp.cpu_count()
    except NotImplementedError:
        return
    except Exception as error:
        raise AssertionError(
            f"cpu_count() where os.cpu_count() returns None: raised {error!r}, promised is NotImplementedError"
        ) from error
    assert isinstance(found, int), (
        f"cpu_count() where os.cpu_count() returns None: returned {found!r}, promised is NotImplementedError"
    )


@verifies("cpu_count.override.environment")
def test_cpu_count_is_overridden_by_the_environment(program):
    os.environ["PYTHON_CPU_COUNT"] = "57"
    outcome = program("print(mp.cpu_count())")
    assert outcome.output.strip() == "57", f"print(cpu_count()) with PYTHON_CPU_COUNT=57: {outcome}, promised 57"


@verifies("cpu_count.override.x-option")
def test_cpu_count_is_overridden_by_an_option(program, scratch):
    script = Path(scratch.path("counting") + "_main.py")
    script.write_text(with_tools("print(mp.cpu_count())", program.prelude))
    command = [sys.executable, "-X", "cpu_count=57", str(script)]
    outcome = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert outcome.stdout.strip() == "57", f"print(cpu_count()) with -X cpu_count=57: {outcome}, promised 57"
