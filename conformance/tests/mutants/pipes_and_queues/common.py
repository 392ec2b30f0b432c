"""What the mutants of this section have in common."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import multiprocessing.context
import multiprocessing.managers
import multiprocessing.queues
from typing import Any

BaseContext: Any = multiprocessing.context.BaseContext


Connection: Any = multiprocessing.connection.Connection


Queue: Any = multiprocessing.queues.Queue


SimpleQueue: Any = multiprocessing.queues.SimpleQueue


JoinableQueue: Any = multiprocessing.queues.JoinableQueue
