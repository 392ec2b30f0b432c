"""Turning one test into a script that stands alone: the backend, the test and what it uses, nothing else.

The script is put together from source, not from objects: starting at the test, every name that it
uses is looked up in its module; what comes from the suite (the kit, the section) is written out and
followed in turn, what comes from elsewhere is imported. Modules of the suite therefore import names
from each other, never modules, and never under another name; and what one script is made of has no
two meanings for one name.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mpadapters import Adapter
from mpconform.kit import marks
from mpconform.registry import Registry
from mpconform.reproducing.sources import definitions, names_in
from mpreports.verdicts import Verdict

SUITE = "mpconform"

INSTEAD = {
    ("mpconform.kit.cell", "backend"): """\
def backend():
    return mp""",
    ("mpconform.kit.cell", "documented"): """\
def documented(owner, name):
    for part in ALIASES.get(name, name).split("."):
        owner = getattr(owner, part)
    return owner""",
    ("mpconform.kit.promises", "promise"): """\
BROKEN = []
UNTRIED = []


@contextlib.contextmanager
def promise(ident):
    try:
        yield
    except NotArisen as error:
        print(f"{ident}: {error}")
        UNTRIED.append(ident)
    except Exception:
        traceback.print_exc()
        BROKEN.append(ident)""",
}
"""What stands in a script for what only a run can do."""

USED = {"backend": (), "documented": (), "promise": ("import contextlib", "import traceback")}
"""What these pieces import."""

FIXTURES = {
    "mp": "mp",
    "package": "package",
    "start_method": "START_METHOD",
    "patience": "Patience()",
    "scratch": "scratch",
    "gate": "scratch.gate()",
    "latch": "scratch.latch()",
    "journal": "scratch.journal()",
    "lifelines": "scratch.lifelines()",
    "program": "Program(scratch, PRELUDE)",
    "observe": "print",
}
"""How the script makes what each fixture of the kit gives."""

PROFILE = """\
import hypothesis
import hypothesis.internal.conjecture.providers as providers

providers._get_local_constants = lambda: providers._local_constants  # no examples from the constants of this file
hypothesis.settings.register_profile(
    "as in a run",
    derandomize={derandomize},
    deadline=None,
    database=None,
    max_examples=25,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("as in a run"){seeded}"""

SEEDED = "\nhypothesis.core.global_force_seed = {seed}"

NEEDS_HYPOTHESIS = "\n# It tries examples: pip install hypothesis, besides the backend."

CHAOTIC = """
# It was broken under chaos, as this script makes it too, and may have to be run some times. The suite does that with
#   mpconform run -b {subject.adapter.name} -m {subject.start_method} --chaos {subject.chaos} -r {id}"""

MAIN = 'if __name__ == "__main__":'

KEPT = """\
if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        scratch = Scratch(folder)
        {call}
    {verdict}"""

ALL = """\
if BROKEN:
        sys.exit("broken: " + ", ".join(BROKEN))
    print("not tried: " + ", ".join(UNTRIED) if UNTRIED else "the promises are kept")"""
ONE = 'print("the promise is kept")'
"""How a script ends, with and without promises that are judged one by one."""

TRIED = """\
try:
            {call}
        except NotArisen as error:
            print(error)
            sys.exit()"""
"""How a script calls a test whose situation may not arise: then nothing is shown, and nobody is accused."""

LEAKS = """\
def show_what_is_left(temporary):
    listing = subprocess.run(["ps", "-A", "-o", "ppid=,pid=,args="], capture_output=True, text=True).stdout
    children = [line for line in listing.splitlines() if line.split()[0] == str(os.getpid()) and " ps -A" not in line]
    print(len(os.listdir("/dev/fd")), "descriptors,", threading.active_count(), "threads,", end=" ")
    print(len(children), "children,", len(os.listdir(temporary)), "temporary files")


if __name__ == "__main__":
    temporary = os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp()  # the backend may need it to the last
    for _ in range(4):
        with tempfile.TemporaryDirectory() as folder:
            scratch = Scratch(folder)
            {call}
        show_what_is_left(temporary)
    print("the promise is kept if the numbers do not grow; the temporary files are in", temporary)"""


@dataclass(frozen=True)
class Subject:
    """What a script is about: the backend, by its adapter, the start method, and the seeds of the run."""

    adapter: Adapter
    start_method: str
    seed: int = 0
    """Of the examples."""
    chaos: int | None = None
    """Of the chaos, if there was any."""


def script(
    test: Callable[..., Any],
    chosen: Mapping[str, int],
    subject: Subject,
    registry: Registry,
    verdict: Verdict,
    schedule: str = "",
) -> str:
    """Return a script that runs a test against a backend; it needs neither pytest nor the suite.

    ``chosen`` are the arguments that an ``each`` mark gives, with which of the values each one gets.
    The script does what the test does: ends with an uncaught exception, hangs or crashes if the promise is
    broken. For a leak, which no exception tells, it counts what is left after each of some runs.
    ``schedule`` is that of the chaos under which it came, if any: then the script runs the test under it.
    """
    collector = Collector()
    collector.add(test.__module__, test.__name__)
    definition = definitions(test.__module__)[test.__name__]
    fixtures = [name for name in definition.parameters() if name in FIXTURES]
    arguments = [f"{name}={FIXTURES[name]}" for name in fixtures]
    for name, index in chosen.items():
        arguments.append(f"{name}={collector.value(test.__module__, definition.values(name), index)}")
    if "program" in fixtures:
        collector.add("mpconform.kit.program", "Program")
    if "patience" in fixtures:
        collector.add("mpconform.kit", "Patience")
    collector.add("mpconform.kit", "Scratch")
    if schedule:
        collector.add("mpconform.isolation.chaos", "starve")

    imports = collector.imports | {"import tempfile"}
    if verdict == Verdict.LEAK:
        imports |= {"import os", "import subprocess", "import threading"}
    prelude = subject.adapter.source(subject.start_method).rstrip()
    imports -= set(prelude.splitlines())
    several = "promise" in collector.written
    may_not_arise = "did_not_arise" in collector.written
    if (several or may_not_arise) and verdict != Verdict.LEAK:
        imports.add("import sys")
    if "documented" in collector.written:
        collector.written["documented"] = (
            f"ALIASES = {dict(subject.adapter.aliases)!r}\n\n\n" + collector.written["documented"]
        )
    properties = any("hypothesis" in line for line in imports)
    call = f"{test.__name__}({', '.join(arguments)})"
    if may_not_arise and verdict != Verdict.LEAK:
        call = TRIED.format(call=call)
    parts = [
        "from __future__ import annotations",
        _heading(marks.requirements_of(test), subject, registry) + (NEEDS_HYPOTHESIS if properties else ""),
        "\n".join(sorted(imports)),
        prelude,
        _profile(subject.seed) if properties else "",
        *collector.written.values(),
        f"START_METHOD = {subject.start_method!r}" if "start_method" in fixtures else "",
        f"PRELUDE = {_quoted(prelude)}" if "program" in fixtures else "",
        (LEAKS if verdict == Verdict.LEAK else KEPT).format(call=call, verdict=ALL if several else ONE),
    ]
    if schedule:
        parts[1] += CHAOTIC.format(subject=subject, id=marks.requirements_of(test)[0])
        parts[-1] = parts[-1].replace(MAIN, f"{MAIN}\n    starve({schedule!r})", 1)
    return _spaced([part for part in parts if part])


def _profile(seed: int) -> str:
    """Return what makes Hypothesis try the examples that a run with this seed tries."""
    return PROFILE.format(derandomize=seed == 0, seeded=SEEDED.format(seed=seed) if seed else "")


def _spaced(parts: list[str]) -> str:
    """Return the parts one below the other: apart by two lines, and by one where neither begins a block."""
    text = parts[0]
    for previous, part in pairwise(parts):
        block = any(one.startswith(("def ", "class ", "@", "if ")) for one in (previous, part))
        text += ("\n\n\n" if block else "\n\n") + part
    return text + "\n"


def _heading(ids: Sequence[str], subject: Subject, registry: Registry) -> str:
    """Return what the script is about, as a comment."""
    requirements = [registry.get(id_) for id_ in ids]
    lines = [f"Does {subject.adapter.name} under {subject.start_method} keep this promise? It says so at the end."]
    for requirement in requirements:
        lines += [f"  {line}" for line in textwrap.wrap(f"{requirement.id}: {requirement.says}", 100)]
    lines += [f"  {link}" for link in dict.fromkeys(requirement.link for requirement in requirements)]
    return "\n".join(f"# {line}" for line in lines)


def _quoted(text: str) -> str:
    """Return a literal of some lines that reads like them."""
    escaped = text.replace("\\", "\\\\").replace("'''", "\\'\\'\\'")
    return f"'''\\\n{escaped}\n'''"


class Collector:
    """Collects the definitions that a name depends on: before it what must be there first, after it the rest."""

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.written: dict[str, str] = {}
        self.origins: dict[str, str] = {"mp": "the backend", "package": "the backend"}
        self.seen: set[tuple[str, str]] = set()

    def add(self, module: str, name: str) -> None:
        """Collect what ``name`` is in ``module``, and all that it depends on; nothing if it is a builtin."""
        definition = definitions(module).get(name)
        if definition is None or (module, name) in self.seen:
            return
        self.seen.add((module, name))
        node = definition.node
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(module, node, name)
            return
        self._bind(name, module)
        if (module, name) in INSTEAD:
            self.written[name] = INSTEAD[module, name]
            self.imports.update(USED[name])
            for used in names_in(ast.parse(INSTEAD[module, name])):
                self.add(module, used)
            return
        first, later = definition.names
        for used in first:
            self.add(module, used)
        self.written[name] = definition.text
        for used in [*later, "__getattr__"]:
            self.add(module, used)

    def _import(self, module: str, node: ast.Import | ast.ImportFrom, name: str) -> None:
        alias = next(alias for alias in node.names if (alias.asname or alias.name.split(".")[0]) == name)
        if isinstance(node, ast.Import):
            one: ast.stmt = ast.Import([alias])
        else:
            one = ast.ImportFrom(node.module, [alias], 0)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == SUITE:
            if alias.asname or name not in definitions(node.module or ""):
                raise ValueError(f"{module}: {ast.unparse(one)}: import a name of the suite, and as what it is there")
            self.add(node.module or "", name)
        elif not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            self._bind(name, ast.unparse(one))
            self.imports.add(ast.unparse(one))

    def _bind(self, name: str, origin: str) -> None:
        """Note where a name comes from; raise ``ValueError`` if it came from elsewhere before."""
        if self.origins.setdefault(name, origin) != origin:
            raise ValueError(f"{name} means two things: that of {self.origins[name]} and that of {origin}; rename one")

    def value(self, module: str, values: ast.expr, index: int) -> str:
        """Collect what one of the values of an ``each`` mark depends on, and return it as an expression."""
        if isinstance(values, ast.Name):
            module, values = self._table(module, values)
        if isinstance(values, (ast.List, ast.Tuple)) and not any(isinstance(e, ast.Starred) for e in values.elts):
            value, text = values.elts[index], ast.unparse(values.elts[index])
        else:
            value, text = values, f"list({ast.unparse(values)})[{index}]"
        for used in names_in(value):
            self.add(module, used)
        return text

    def _table(self, module: str, name: ast.Name) -> tuple[str, ast.expr]:
        """Return the table that a name stands for, of which one entry is enough, and its module; or the name itself."""
        node = definitions(module)[name.id].node
        if isinstance(node, ast.ImportFrom) and node.module:
            return self._table(node.module, name)
        if isinstance(node, ast.Assign) and isinstance(node.value, (ast.List, ast.Tuple)):
            return module, node.value
        return module, name
