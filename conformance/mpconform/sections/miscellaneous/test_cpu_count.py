"""cpu_count()."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mpconform.kit import did_not_arise, promise, verifies
from mpconform.kit.program import with_tools


@verifies("cpu_count.call.number-of-the-system", "cpu_count.call.ignores-affinity")
def test_cpu_count_is_that_of_the_system(mp):
    promised = os.cpu_count()
    with promise("cpu_count.call.number-of-the-system"):
        found = mp.cpu_count()
        assert found == promised, f"cpu_count() returned {found!r}, promised {promised}, as os.cpu_count()"
    with promise("cpu_count.call.ignores-affinity"):
        if promised == 1:
            did_not_arise("the system has more processors than one, to which this process is confined")
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


@verifies("cpu_count.override.environment", "cpu_count.override.x-option")
def test_cpu_count_is_overridden(program, scratch):
    with promise("cpu_count.override.x-option"):
        script = Path(scratch.path("counting") + "_main.py")
        script.write_text(with_tools("print(mp.cpu_count())", program.prelude))
        command = [sys.executable, "-X", "cpu_count=57", str(script)]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert done.stdout.strip() == "57", f"print(cpu_count()) with -X cpu_count=57: {done}, promised 57"
    with promise("cpu_count.override.environment"):
        os.environ["PYTHON_CPU_COUNT"] = "57"
        outcome = program("print(mp.cpu_count())")
        assert outcome.output.strip() == "57", f"print(cpu_count()) with PYTHON_CPU_COUNT=57: {outcome}, promised 57"
