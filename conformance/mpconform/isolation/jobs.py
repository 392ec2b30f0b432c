"""Windows: a job holds a process and whatever it starts, and ends them all when it is closed."""

from __future__ import annotations

import ctypes
import sys

KILL_ON_JOB_CLOSE = 0x2000
EXTENDED_LIMIT_INFORMATION = 9
ALL_ACCESS = 0x1F0FFF


class _Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION, of which only the flags are set."""

    _fields_ = (
        ("times", ctypes.c_int64 * 2),
        ("flags", ctypes.c_uint32),
        ("working_set", ctypes.c_size_t * 2),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("classes", ctypes.c_uint32 * 2),
        ("counters", ctypes.c_uint64 * 6),
        ("memory", ctypes.c_size_t * 4),
    )


class Job:
    """The job of one sandbox; does nothing where there are no jobs."""

    def __init__(self, pid: int) -> None:
        self.handle = 0
        if sys.platform == "win32":
            kernel = ctypes.windll.kernel32
            self.handle = kernel.CreateJobObjectW(None, None)
            limits = _Limits(flags=KILL_ON_JOB_CLOSE)
            size = ctypes.sizeof(limits)
            kernel.SetInformationJobObject(self.handle, EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), size)
            process = kernel.OpenProcess(ALL_ACCESS, False, pid)
            kernel.AssignProcessToJobObject(self.handle, process)
            kernel.CloseHandle(process)

    def close(self) -> None:
        """End whatever is left of the sandbox."""
        if sys.platform == "win32":
            ctypes.windll.kernel32.CloseHandle(self.handle)
