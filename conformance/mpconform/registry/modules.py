"""The rules that the modules of the sections keep, checked on their source."""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Iterator

from mpconform.registry.spans import span_findings
from mpconform.registry.testing import SectionModule, called_name, templates, verified

Finding = tuple[int, str]
"""A line, and what is wrong there."""

KIT = ("mpconform.kit", "mpconform.sections")
BESIDE_THE_STANDARD_LIBRARY = ("hypothesis",)
BACKENDS = ("multiprocessing", "_multiprocessing")

DOCUMENTED = frozenset({"_callmethod", "_getvalue", "_exit"})
"""Public all the same: the documentation of proxies names two, and ``os._exit`` is no backend's."""

SUSPICIOUS = re.compile(r"sleep|import|\._|getattr|wait|join|poll|select|never|timeout")
"""What a string must contain to be worth reading as a script."""


def module_findings(module: SectionModule) -> Iterator[Finding]:
    """Yield what is wrong in one module of a section, whichever ids there are."""
    yield from placement_findings(module)
    where = f"{module.file.parent.name}/{module.file.name}"
    yield from code_findings(module.tree)
    yield from span_findings(where, module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Assert) and node.msg is None:
            yield node.lineno, "asserts without a message; name the call, what came back and what is promised"
    for line, script in scripts(module.tree):
        for _, message in (*code_findings(script), *span_findings(where, script)):
            yield line, f"in a script: {message}"


def placement_findings(module: SectionModule) -> Iterator[Finding]:
    """Yield tests that pytest would not find, or that the registry would not."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            is_test = module.collected and node in module.tree.body and node.name.startswith("test_")
            ids = verified(node) + templates(node)
            if isinstance(node, ast.AsyncFunctionDef) and (is_test or ids):
                yield node.lineno, f"{node.name}: is a coroutine; tests are plain functions"
            elif is_test and not ids:
                yield node.lineno, f'{node.name}: verifies no requirement; add @verifies("its.id")'
            elif ids and not is_test:
                yield (
                    node.lineno,
                    f"{node.name}: has @verifies but is no test; tests are functions test_* at the top of test_*.py",
                )
            if None in ids:
                yield node.lineno, f"{node.name}: @verifies takes plain strings only; write each id out"
    for node in module.tree.body if module.collected else ():
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield node.lineno, f"{node.name}: is a class of tests; tests are functions"
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id.startswith(("Test", "test_")):
                    remedy = "write a function that runs it (a state machine: run_state_machine_as_test)"
                    yield node.lineno, f"{target.id}: is a test by assignment, which no @verifies can mark; {remedy}"


def code_findings(tree: ast.AST) -> Iterator[Finding]:
    """Yield sleeping, private attributes and imports that a section does not do."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from import_findings(node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            if node.module == "mpconform":
                for alias in node.names:
                    yield from import_findings(node.lineno, f"mpconform.{alias.name}")
            else:
                yield from import_findings(node.lineno, node.module)
        elif isinstance(node, ast.Attribute):
            yield from private_findings(node.lineno, node.value, node.attr)
        elif isinstance(node, ast.Call):
            yield from call_findings(node)


def import_findings(line: int, name: str) -> Iterator[Finding]:
    """Yield if a section must not import the module of this name."""
    top = name.partition(".")[0]
    if top in BACKENDS:
        yield line, f"imports {name}; the backend under test is the fixture mp, and backend() in a child"
    elif top in sys.stdlib_module_names or top in BESIDE_THE_STANDARD_LIBRARY or top == "__future__":
        return
    elif not name.startswith(KIT):
        yield line, f"imports {name}; a section imports the standard library, mpconform.kit and hypothesis only"


def private_findings(line: int, owner: ast.expr, name: str) -> Iterator[Finding]:
    """Yield if ``owner.name`` is a private attribute of what may be a backend's object."""
    # Names with an underscore at both ends are documented hooks: __name__, _exposed_, _fields_.
    if not name.startswith("_") or name.endswith("_") or name in DOCUMENTED:
        return
    if isinstance(owner, ast.Name) and owner.id in ("self", "cls"):
        return
    yield line, f"uses the private attribute {ast.unparse(owner)}.{name}; a section uses only what is documented"


def call_findings(call: ast.Call) -> Iterator[Finding]:
    """Yield if a call sleeps, or gets by name what must not be written out."""
    name = called_name(call)
    text = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    if name == "sleep":
        yield call.lineno, "calls sleep; synchronise with a gate, a latch, a journal or patience"
    elif name == "wait" and isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call):
        if called_name(call.func.value) == "Event":
            yield call.lineno, "waits on an event that nothing sets, which is a sleep; use a gate or patience"
    elif name in ("import_module", "__import__") and text and isinstance(text[0], str):
        yield from import_findings(call.lineno, text[0])
    elif name in ("getattr", "setattr", "hasattr", "delattr") and text and isinstance(text[0], str):
        yield from private_findings(call.lineno, call.args[0], text[0])


def scripts(tree: ast.Module) -> Iterator[tuple[int, ast.Module]]:
    """Yield the strings of a module that are Python themselves, with the line on which each begins."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            # What is filled in is an expression or a name; any name will do to read the rest.
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if SUSPICIOUS.search(text):
            try:
                yield node.lineno, ast.parse(textwrap.dedent(text))
            except (SyntaxError, ValueError):
                continue  # prose
