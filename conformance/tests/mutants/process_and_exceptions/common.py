"""What the mutants of this section have in common."""

from __future__ import annotations

import multiprocessing.popen_fork
import multiprocessing.process
from typing import Any

BaseProcess: Any = multiprocessing.process.BaseProcess

Popen: Any = multiprocessing.popen_fork.Popen
