"""How long a section waits is never a number of its own: waiting by the clock is sleeping, under whatever name.

What must happen is awaited for ``patience.awaiting``, what must not is watched for ``patience.watching``, a timeout
that is to run out is ``patience.timeout``, and a clock is as coarse as ``GRANULARITY``: all of them of the kit.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mpconform.registry.testing import called_name

Finding = tuple[int, str]

MOMENT = 0.01
"""Seconds up to which a wait is none: it lets others in between."""

REMEDY = "synchronise with a gate, a latch, a journal or patience"

TIMED = {"join": 0, "wait": 0, "poll": 0, "wait_for": 1, "select": 3}
"""The calls that take seconds, and where; those that stand behind it are looked at too."""

COUNTING = frozenset({"lifelines", "latch", "journal", "tasks"})
"""Things of the kit, by the names that they usually have, that wait for a number of something."""

ALLOWED = {
    ("process_and_exceptions/test_join.py", "Patience().never(lambda: False, 'what cannot happen')"): (
        "the child is to run on while its parent blocks in join(), whatever threads the parent has; nothing can tell it"
    ),
    ("process_and_exceptions/test_join.py", "process.join(60)"): "the child has exited: it is not to wait at all",
    ("process_and_exceptions/test_join.py", "process.join(timeout=60)"): "as above",
    ("managers/test_start_and_connect.py", "Patience().never(lambda: False, 'nothing')"): (
        "an initializer that takes its time, so that a start() that does not wait for it is seen"
    ),
    ("process_pools/helpers.py", "ending.join(0.25)"): (
        "most pools end sooner, and then need the place; what lasts longer is awaited with patience, and idle"
    ),
    ("synchronization_primitives/test_event.py", "event.wait(60)"): "the event is set: it is not to wait at all",
    ("listeners_and_clients/test_wait.py", "mp.connection.wait([reader], 0.1)"): (
        "signals come every 0.01 s for two seconds, between which this timeout must lie"
    ),
    ("pipes_and_queues/test_pipe.py", "DEFAULT_TIMEOUT = 0.1"): "what a program may have set for its sockets",
    ("pipes_and_queues/test_queue_get.py", "getting.join(0.05)"): (
        "the other thread has most likely begun to wait by then; the test is right, though weaker, if it has not"
    ),
    ("pipes_and_queues/test_queue_put.py", "putting.join(0.05)"): "as above",
    ("process_and_exceptions/test_join.py", "process.join(timeout=1)"): "a round number, as a program has it",
    ("synchronization_primitives/test_crowds.py", "SECONDS = 0.15"): "how long many processes meet each other",
    ("process_and_exceptions/test_join.py", "go_on.wait(0.05)"): (
        "the other thread may have to wait for this one, and then never comes"
    ),
}
"""Why a number is right all the same, by module and expression."""


def span_findings(where: str, tree: ast.AST) -> Iterator[Finding]:
    """Yield sleeps that are not called so, and spans of time that are not the kit's; ``where`` names the module."""
    for node in ast.walk(tree):
        found: Iterator[Finding]
        if isinstance(node, ast.Call):
            found = call_findings(node)
        elif isinstance(node, ast.Compare):
            found = comparison_findings(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
            found = name_findings(node)
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found = import_findings(node)
        else:
            continue
        for finding in found:
            if (where, ast.unparse(node)) not in ALLOWED:
                yield finding


def import_findings(node: ast.ImportFrom) -> Iterator[Finding]:
    """Yield if sleep is imported under another name."""
    for alias in node.names:
        if alias.name == "sleep" and alias.asname not in (None, "sleep"):
            yield node.lineno, f"calls sleep {alias.asname}; {REMEDY}"


def comparison_findings(node: ast.Compare) -> Iterator[Finding]:
    """Yield if a span of time is compared with one that has a number of its own in it."""
    for side in (node.left, *node.comparators):
        if isinstance(side, ast.BinOp) and isinstance(side.op, ast.Sub | ast.Add) and short(side.right):
            remedy = "patience.runs_out and patience.at_once judge spans, and GRANULARITY is how coarse a clock is"
            yield node.lineno, f"compares with {ast.unparse(side)}; {remedy}"


def call_findings(call: ast.Call) -> Iterator[Finding]:
    """Yield if a call waits for a number of seconds that is written out, or watches for what cannot happen."""
    name = called_name(call)
    if name == "never" and call.args and isinstance(call.args[0], ast.Lambda):
        if isinstance(call.args[0].body, ast.Constant):
            yield call.lineno, "watches for what cannot happen, which is a sleep; watch for what must not happen"
    elif name == "getattr" and len(call.args) > 1:
        if isinstance(call.args[1], ast.Constant) and call.args[1].value == "sleep":
            yield call.lineno, f"gets sleep by its name; {REMEDY}"
    elif isinstance(call.func, ast.Attribute):
        if name == "wait" and (owner(call.func.value) in COUNTING or (len(call.args) > 1 and is_text(call.args[1]))):
            return
        given = call.args[TIMED[name] :] if name in TIMED else []
        given += [keyword.value for keyword in call.keywords if keyword.arg == "timeout"]
        if any((number(value) or 0) > MOMENT for value in given):
            remedy = "use patience.timeout for what is to run out, patience.awaiting for what is not"
            yield call.lineno, f"waits for a number of seconds of its own, {ast.unparse(call)}; {remedy}"


def name_findings(node: ast.Assign | ast.AnnAssign | ast.NamedExpr) -> Iterator[Finding]:
    """Yield if sleep gets another name, or a span of time one."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if isinstance(node.value, ast.Attribute | ast.Name) and owner(node.value) == "sleep":
        yield node.lineno, f"calls sleep {' '.join(names)}; {REMEDY}"
    for name in names:
        if name.isupper() and short(node.value):
            yield node.lineno, f"has a span of time of its own, {name}; the kit has patience and GRANULARITY"


def number(node: ast.expr | None) -> float | None:
    """Return the number that an expression is, if it is one that is written out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    return None


def short(node: ast.expr | None) -> bool:
    """Return whether an expression is a fraction of a second."""
    value = number(node)
    return isinstance(value, float) and 0 < value < 1


def is_text(node: ast.expr) -> bool:
    """Return whether an expression is a string."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def owner(node: ast.expr) -> str:
    """Return the last name in an expression: ``latch`` of ``self.latch``."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
