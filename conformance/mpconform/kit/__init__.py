"""The test kit: what the tests of the suite, and the children that they start, are written with.

A test module imports from here and from the standard library, never from pytest, so that a spawned
child that imports the module for its target function pays for nothing else, and so that a failed
test can be turned into a script that stands alone.

=================  ========================================================================
``verifies``       names the requirements that a test verifies
``verifies_each``  the same for a test that judges each entry of a table
``each``           runs a test once for each of some values
``promise``        judges a block for one of several requirements that a test verifies
``raises``         the block must raise; says what came instead
``works``          the block must not raise; says which call did
``documented``     what the documentation calls so, wherever this backend has it
``backend``        the backend of this cell, also in a child: what the fixture ``mp`` is
``Gate``           opened once, awaited by any process
``Latch``          counts arrivals
``Journal``        values that any process appends and the test reads
``Lifelines``      tells at once which processes have ended
``Patience``       how long to await what must happen, how long to watch that nothing does
``idle``           gives the place of the test up while a block only waits
``Task``           a call in a thread of its own
``Overdue``        raised when what must happen did not
``Late``           raised when it did, but later than promised; the harness looks again, alone
``did_not_arise``  ends a test whose situation no test can force, if it did not come
=================  ========================================================================

The fixtures (``mp``, ``gate``, ``latch``, ``journal``, ``lifelines``, ``scratch``, ``patience``, ``program``,
``observe``) are described in :mod:`mpconform.kit.fixtures`.
"""

from mpconform.kit.cell import backend, documented
from mpconform.kit.gates import Gate, Journal, Latch, Scratch
from mpconform.kit.lifelines import Lifelines
from mpconform.kit.marks import each, verifies, verifies_each
from mpconform.kit.patience import GRANULARITY, Late, Overdue, Patience
from mpconform.kit.places import idle
from mpconform.kit.promises import did_not_arise, promise
from mpconform.kit.raising import raises, works
from mpconform.kit.tasks import Task

__all__ = [
    "GRANULARITY",
    "Gate",
    "Journal",
    "Latch",
    "Late",
    "Lifelines",
    "Overdue",
    "Patience",
    "Scratch",
    "Task",
    "backend",
    "did_not_arise",
    "documented",
    "each",
    "idle",
    "promise",
    "raises",
    "verifies",
    "verifies_each",
    "works",
]
