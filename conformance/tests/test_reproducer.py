"""Scripts that stand alone: those of the whole suite are sound, a sample runs, and each kind shows its deviation."""

from __future__ import annotations

import ast
import importlib
import itertools
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import mpadapters
from mpconform.kit import marks
from mpconform.registry import Registry, Requirement, load_registry
from mpconform.registry.loading import section_names, sections_root
from mpconform.reproducing.script import Subject, script
from mpreports.verdicts import Verdict

if TYPE_CHECKING:
    from conftest import Suite

HERE = Path(__file__).parent
EDITION = "{}.{}".format(*sys.version_info)
FORBIDDEN = ("mpconform", "mpreports", "mpadapters", "pytest", "_pytest")

SECTIONS = section_names(sections_root())
REGISTRY = load_registry()

SAMPLE = 6
"""How many tests of each section are run as scripts."""


def subject(backend: str | mpadapters.Adapter = "stdlib", start_method: str = "spawn", seed: int = 0) -> Subject:
    adapter = mpadapters.find(backend) if isinstance(backend, str) else backend
    return Subject(adapter, start_method, seed)


def cases_of(section: str) -> Iterator[tuple[Callable[..., Any], dict[str, int]]]:
    """Yield the tests of a section, once for each of the values that they are run with."""
    for file in sorted((sections_root() / section).glob("test_*.py")):
        module = importlib.import_module(f"mpconform.sections.{section}.{file.stem}")
        for name, test in vars(module).items():
            if name.startswith("test_"):
                each = getattr(test, marks.EACH, ())
                for indices in itertools.product(*(range(len(values)) for _, values in each)):
                    yield test, dict(zip((argument for argument, _ in each), indices, strict=True))


def imported(source: str) -> set[str]:
    """Return the packages that a script imports, or that a script in one of its strings does."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "import" in node.value:
            try:
                found |= imported(textwrap.dedent(node.value))
            except SyntaxError:
                pass  # it is prose
    return found


def run(path: Path, source: str, limit: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a session of its own, of which nothing is left. Raise ``TimeoutExpired`` after the limit."""
    path.write_text(source)
    with path.with_suffix(".out").open("w+") as output, path.with_suffix(".err").open("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            cwd=path.parent,
            env={**os.environ, "PYTHONPATH": str(HERE), **environment},
            start_new_session=True,
        )
        try:
            status = process.wait(limit)
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # nobody is left in the session
            process.wait()
    printed = path.with_suffix(".out").read_text(), path.with_suffix(".err").read_text()
    return subprocess.CompletedProcess(process.args, status, *printed)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_test_becomes_a_sound_script(section: str, tmp_path: Path) -> None:
    """It has no syntax error, no unknown name and nothing of the suite."""
    number = 0
    for number, (test, chosen) in enumerate(cases_of(section), 1):
        for verdict in (Verdict.FAIL, Verdict.LEAK):
            source = script(test, chosen, subject(), REGISTRY, verdict)
            (tmp_path / f"{test.__name__}-{number}-{verdict}.py").write_text(source)
            unwanted = imported(source).intersection(FORBIDDEN)
            assert not unwanted, f"the script of {test.__module__}.{test.__name__} imports {unwanted}"
    assert number, f"no test found in {section}"
    pytest.importorskip("ruff")
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--quiet"]
    command += ["--select", "E9,F401,F811,F82"]
    found = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("start_method", ["fork", "spawn"])
def test_a_sample_runs_against_the_standard_library(section: str, start_method: str, tmp_path: Path) -> None:
    here = subject(start_method=start_method)
    expectations = here.adapter.expectations()
    known = expectations.read_text() if expectations else ""
    applicable = [
        (test, chosen)
        for test, chosen in cases_of(section)
        if all(
            REGISTRY.get(id_).not_applicable(EDITION, sys.platform, start_method) is None and id_ not in known
            for id_ in marks.requirements_of(test)
        )
        and "given" not in vars(sys.modules[test.__module__])  # properties take long; one is run below
    ]
    offset = 0 if start_method == "fork" else 1
    step = max(1, len(applicable) // SAMPLE)
    sample = [(test, script(test, chosen, here, REGISTRY, Verdict.FAIL)) for test, chosen in applicable[offset::step]]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ran = pool.map(lambda one: run(tmp_path / f"script_{one[0]}.py", one[1][1]), enumerate(sample))
        for (test, _), ended in zip(sample, ran, strict=True):
            assert ended.stdout.endswith(("the promise is kept\n", "the promises are kept\n")), (
                f"{test.__name__}: {ended}"
            )
            assert ended.returncode == 0, f"{test.__name__}: {ended}"


# What follows uses test modules made up here.


def requirement(id_: str) -> Requirement:
    says = f"{id_} is kept whatever happens."
    return Requirement(
        id_, "managers", says, "multiprocessing.Process", "must", "3.7", None, (), (), (), "", None, None
    )


MADE_UP = Registry(Path(), {"managers": "Managers"}, {id_: requirement(id_) for id_ in ("a.b.one", "a.b.two")})

Build = Callable[..., str]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Build:
    """Give a function that makes the script of the test in the source of a module."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend(HERE)
    numbers = itertools.count()

    def made(source: str, verdict: Verdict = Verdict.FAIL, chosen: dict[str, int] | None = None, **of_cell: Any) -> str:
        name = f"made_up_{abs(hash(request.node.nodeid))}_{next(numbers)}"
        header = "from __future__ import annotations\n\nfrom mpconform.kit import each, raises, verifies\n"
        (tmp_path / f"{name}.py").write_text(header + textwrap.dedent(source))
        importlib.invalidate_caches()
        module = importlib.import_module(name)
        [test] = [value for key, value in vars(module).items() if key.startswith("test_")]
        return script(test, chosen or {}, subject(**of_cell), MADE_UP, verdict)

    return made


SIMPLE = """
def work(journal, gate):
    gate.wait()
    journal.write("worked")

@verifies("a.b.one", "a.b.two")
def test_child_works(mp, journal, gate):
    child = mp.Process(target=work, args=(journal, gate))
    child.start()
    gate.open()  # let it
    child.join()
    assert journal.read() == ["worked"], f"the child wrote {journal.read()}"
"""


def test_what_a_reader_sees_first(build: Build) -> None:
    source = build(SIMPLE)
    assert source.splitlines()[2:6] == [
        "# Does stdlib under spawn keep this promise? It says so at the end.",
        "#   a.b.one: a.b.one is kept whatever happens.",
        "#   a.b.two: a.b.two is kept whatever happens.",
        "#   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process",
    ]
    _, rest = source.split("mp = Namespace(package, 'spawn')\n\n\n")
    assert rest.startswith("def test_child_works(mp, journal, gate):\n"), "the test comes right after the backend"
    assert "gate.open()  # let it\n" in rest, "the source is as its author wrote it"
    assert "\n\n\n\n" not in source


def test_marks_and_annotations_are_gone_and_the_rest_is_there(build: Build, tmp_path: Path) -> None:
    source = build(
        '''
        from collections.abc import Callable
        from dataclasses import dataclass
        from typing import TYPE_CHECKING, NamedTuple

        if TYPE_CHECKING:
            from mpconform.kit import Journal

        class Pair(NamedTuple):
            left: int
            right: int = 2

        @dataclass(frozen=True)
        class Point:
            x: int

        LIMIT: int = 3
        """What is said of it."""

        def helper(journal: Journal, *rest: int, größe: int = 4, call: Callable[[int], int] | None = None) -> Journal:
            """Say à la carte what it does."""
            inner: dict[str, Callable[[int], int]] = {}

            def nested(x: int) -> dict[str, list[int]]:
                return {"x": [x]}

            assert nested(1) == {"x": [1]}
            return inner or journal

        @verifies(
            "a.b.one",
        )
        def test_it(mp, journal: Journal):  # type: ignore[no-untyped-def]
            assert helper(journal, 1, größe=2) is journal
            assert Pair(1) == (1, 2)
            assert Point(1).x < LIMIT
        '''
    )
    for line in (
        "def helper(journal, *rest, größe=4, call=None):\n",
        "    inner = {}\n",
        "    def nested(x):\n",
        "def test_it(mp, journal):\n",
        "LIMIT = 3\n",
        '    """Say à la carte what it does."""\n',
    ):
        assert line in source
    assert "verifies" not in source
    ended = run(tmp_path / "script.py", source)
    assert (ended.returncode, ended.stdout) == (0, "the promise is kept\n"), ended


def test_each_value_is_written_out(build: Build, tmp_path: Path) -> None:
    listed = """
    def one(journal): journal.write(1)

    def two(journal): journal.write(2)

    @each("target", [one, two])
    @each("size", SIZES)
    @verifies("a.b.one")
    def test_it(mp, journal, target, size):
        target(journal)
        assert (journal.read(), size) == ([2], 30), (journal.read(), size)
    """
    source = build("SIZES = range(10, 50, 10)\n" + textwrap.dedent(listed), chosen={"target": 1, "size": 2})
    assert "test_it(mp=mp, journal=scratch.journal(), target=two, size=list(SIZES)[2])" in source
    assert "def one" not in source, "only the value that was chosen is wanted"
    assert run(tmp_path / "script.py", source).returncode == 0
    other = build("SIZES = range(10, 50, 10)\n" + textwrap.dedent(listed), chosen={"target": 0, "size": 2})
    assert run(tmp_path / "script.py", other).returncode == 1


def test_what_must_be_there_first_comes_first(build: Build, tmp_path: Path) -> None:
    source = build(
        """
        import functools
        from contextlib import contextmanager

        def twice(function):
            @functools.wraps(function)
            def both(*arguments, **named):
                return wrapped(function, *arguments, **named) * 2
            return both

        def wrapped(function, *arguments, **named):
            return function(*arguments, **named) * FACTOR

        FACTOR = 5

        class Base:
            pass

        class Derived(Base):
            pass

        DEFAULT = Derived()
        MADE = [twice(abs)(-1)]

        def helper(value=DEFAULT):
            return value

        @verifies("a.b.one")
        @twice
        def test_it(start_method):
            assert isinstance(helper(), Base)
            assert MADE == [10]
            assert start_method == "spawn"
            return 0
        """
    )
    ended = run(tmp_path / "script.py", source)
    assert (ended.returncode, ended.stdout) == (0, "the promise is kept\n"), ended


@pytest.mark.parametrize("start_method", ["fork", "spawn", "forkserver"])
def test_children_find_what_is_made_on_demand(build: Build, tmp_path: Path, start_method: str) -> None:
    source = build(
        """
        import functools

        from mpconform.kit import backend

        @functools.cache
        def worker():
            class Worker(backend().Process):
                def run(self):
                    self.journal.write("override")

            Worker.__qualname__ = "Worker"
            return Worker

        def __getattr__(name):
            if name == "Worker":
                return worker()
            raise AttributeError(name)

        @verifies("a.b.one")
        def test_it(mp, journal):
            child = worker()()
            child.journal = journal
            child.start()
            child.join()
            assert journal.read() == ["override"], (child.exitcode, journal.read())
        """,
        start_method=start_method,
    )
    ended = run(tmp_path / "script.py", source)
    assert (ended.returncode, ended.stdout) == (0, "the promise is kept\n"), ended


PROPERTY = """
import time

from hypothesis import given
from hypothesis import strategies as st

numbers = st.integers(0, 1000)

@verifies("a.b.one")
@given(number=numbers)
def test_it(mp, number):
    time.sleep(0.3 if number == 1000 else 0)  # slow is not wrong
    assert mp.Value("i", number).value == number, f"not {number}"
"""


def test_a_property(build: Build, tmp_path: Path) -> None:
    assert "# It tries examples: pip install hypothesis, besides the backend.\n" in build(PROPERTY)
    assert "hypothesis" not in build(SIMPLE)
    ended = run(tmp_path / "script.py", build(PROPERTY))
    assert (ended.returncode, ended.stdout) == (0, "the promise is kept\n"), ended
    ended = run(tmp_path / "script.py", build(PROPERTY, backend="broken.lacks_half"))
    assert ended.returncode == 1
    assert "AttributeError: the context has no 'Value'" in ended.stderr
    assert "number=0" in ended.stderr, "the smallest example is shown"


PROGRAM = '''
@verifies("a.b.one")
def test_it(program, journal, start_method):
    outcome = program(
        """
        import sys

        if __name__ == "__main__":
            mp.Process(target=len, args=("",)).start()
            Journal(sys.argv[1]).write(type(mp.Queue()).__name__)
            print("the program's \\\\n end")
        """,
        journal.path,
    )
    assert outcome.output.endswith("the program's \\n end\\n"), outcome
    assert journal.read() == ["Queue"]
'''


@pytest.mark.parametrize("start_method", ["fork", "spawn"])
def test_a_program_in_a_script(build: Build, tmp_path: Path, start_method: str) -> None:
    source = build(PROGRAM, start_method=start_method)
    ended = run(tmp_path / "script.py", source)
    assert (ended.returncode, ended.stdout) == (0, "the promise is kept\n"), ended
    ended = run(tmp_path / "script.py", build(PROGRAM, start_method=start_method, backend="broken.lacks_half"))
    assert ended.returncode == 1
    assert "AssertionError: Outcome(status=1, " in ended.stderr
    assert "the context has no" in ended.stderr, "the program's own traceback is shown"


class Quoting(mpadapters.Adapter):
    """An adapter whose source has everything in it that is hard to quote."""

    name = "quoting"

    def source(self, start_method: str) -> str:
        return r"""mp = "''' and \" and \n and \\\\" """


def test_a_program_gets_the_source_of_the_backend_unharmed(build: Build, tmp_path: Path) -> None:
    (tmp_path / "script_of_quoting.py").write_text(build(PROGRAM, backend=Quoting()))
    module = importlib.import_module("script_of_quoting")
    assert module.mp == "''' and \" and \n and \\\\"
    assert vars(module)["PRELUDE"] == Quoting().source("spawn").rstrip() + "\n"


@pytest.mark.parametrize("start_method", ["fork", "spawn", "forkserver"])
def test_a_broken_promise_ends_the_script_with_an_exception(build: Build, tmp_path: Path, start_method: str) -> None:
    broken = """
    @verifies("a.b.one")
    def test_it(mp, gate):
        child = mp.Process(target=gate.wait)
        child.start()
        child.terminate()
        gate.open()
        child.join()
        assert child.exitcode != 0, f"terminate(): exitcode is {child.exitcode}"
    """
    kept = run(tmp_path / "script.py", build(broken, start_method=start_method))
    assert kept.stdout == "the promise is kept\n", kept
    waiting = broken.replace("child.terminate()", "latch.wait(1); child.terminate()")
    waiting = waiting.replace("target=gate.wait", "target=arrive, args=(latch, gate)").replace(
        "mp, gate", "mp, gate, latch"
    )
    waiting = "def arrive(latch, gate):\n    latch.arrive()\n    gate.wait()\n" + textwrap.dedent(waiting)
    ended = run(tmp_path / "script.py", build(waiting, start_method=start_method, backend="broken.ignores_sigterm"))
    assert (ended.returncode, ended.stdout) == (1, ""), ended
    assert ended.stderr.endswith("AssertionError: terminate(): exitcode is 0\n"), ended


def test_a_crash_a_hang_and_an_early_end_are_no_kept_promise(build: Build, tmp_path: Path) -> None:
    crashed = run(tmp_path / "script.py", build(SIMPLE, Verdict.CRASH, backend="broken.crashes"))
    assert (crashed.returncode, crashed.stdout) == (-signal.SIGSEGV, ""), crashed
    with pytest.raises(subprocess.TimeoutExpired):
        run(tmp_path / "script.py", build(SIMPLE, Verdict.HANG, backend="broken.hangs_in_join"), limit=3)
    assert (tmp_path / "script.out").read_text() == ""
    early = SIMPLE.replace("gate.open()", "gate.open(); child.is_alive()")
    ended = run(tmp_path / "script.py", build(early, Verdict.CRASH, backend="broken.exits_early"))
    assert (ended.returncode, ended.stdout) == (0, ""), "status 0 alone says nothing"


@pytest.mark.parametrize("kind", ["descriptors", "children"])
@pytest.mark.parametrize("start_method", ["fork", "spawn"])
def test_a_leak_is_counted(build: Build, tmp_path: Path, kind: str, start_method: str) -> None:
    backend = {"descriptors": "broken.leaks_descriptor", "children": "broken.leaks_process"}[kind]

    def growth(source: str) -> list[int]:
        """Return by how much the number of what is left grows from each run to the next."""
        ended = run(tmp_path / "script.py", source)
        assert ended.returncode == 0, ended
        *counts, end = ended.stdout.splitlines()
        assert end.startswith("the promise is kept if the numbers do not grow; the temporary files are in /"), end
        words = [line.replace(",", "").split() for line in counts]
        numbers = [int(line[line.index(kind) - 1]) for line in words]
        assert len(numbers) == 4
        return [after - before for before, after in itertools.pairwise(numbers)]

    assert growth(build(SIMPLE, Verdict.LEAK, start_method=start_method)) == [0, 0, 0]
    assert growth(build(SIMPLE, Verdict.LEAK, start_method=start_method, backend=backend)) == [1, 1, 1]


def test_a_leak_of_files_is_counted(build: Build, tmp_path: Path) -> None:
    leaking = """
    import tempfile

    @verifies("a.b.one")
    def test_it(mp):
        tempfile.mkstemp()
    """
    ended = run(tmp_path / "script.py", build(leaking, Verdict.LEAK))
    assert [line.split(", ")[-1] for line in ended.stdout.splitlines()[:-1]] == [
        f"{number} temporary files" for number in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("from mpconform.kit import Gate as Door\nuse = Door", "import a name of the suite, and as what it is there"),
        ("from mpconform.kit import gates\nuse = gates", "import a name of the suite, and as what it is there"),
        ("class Scratch: pass\nuse = Scratch", "Scratch means two things"),
        ("def package(): pass\nuse = package", "package means two things: that of the backend"),
        ("from os import path as textwrap\nuse = textwrap", "textwrap means two things"),
    ],
)
def test_what_cannot_be_written_out_is_refused(build: Build, source: str, complaint: str) -> None:
    test = '\n@verifies("a.b.one")\ndef test_it(mp, program):\n    use\n'
    with pytest.raises(ValueError, match=complaint):
        build(source + test)


BLOCKS = """
from mpconform.kit import promise

@verifies("a.b.one", "a.b.two")
def test_it(mp):
    with promise("a.b.one"):
        assert mp.Value("i", 1).value == 1, "not 1"
    with promise("a.b.two"):
        assert mp.Process() is not None
"""


def test_promises_that_are_judged_one_by_one(build: Build, tmp_path: Path) -> None:
    ended = run(tmp_path / "kept.py", build(BLOCKS))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "the promises are kept\n", ""), ended
    ended = run(tmp_path / "script.py", build(BLOCKS, backend="broken.lacks_half"))
    assert (ended.returncode, ended.stdout) == (1, ""), ended
    assert "AttributeError: the context has no 'Value'" in ended.stderr
    assert ended.stderr.splitlines()[-1] == "broken: a.b.one"


def test_promises_in_a_script_of_a_leak(build: Build, tmp_path: Path) -> None:
    ended = run(tmp_path / "script.py", build(BLOCKS, verdict=Verdict.LEAK))
    assert ended.returncode == 0, ended
    assert ended.stdout.count("descriptors,") == 4


SHOWING = """
from hypothesis import given
from hypothesis import strategies as st

@verifies("a.b.one")
@given(number=st.integers(0, 10**9))
def test_it(mp, journal, number):
    print(number)
"""


def examples(source: str, path: Path) -> list[str]:
    ended = run(path, source)
    assert ended.returncode == 0, ended
    return ended.stdout.splitlines()[:-1]


def test_a_seed_gives_the_examples_of_its_run(build: Build, tmp_path: Path) -> None:
    plain, again = (examples(build(SHOWING), tmp_path / f"plain{n}.py") for n in range(2))
    assert plain == again
    seeded, same = (examples(build(SHOWING, seed=7), tmp_path / f"seeded{n}.py") for n in range(2))
    assert seeded == same
    assert seeded != plain
    assert seeded != examples(build(SHOWING, seed=8), tmp_path / "other.py")


OF_A_RUN = """
from hypothesis import given
from hypothesis import strategies as st

NUMBERS = []

@given(number=st.integers(0, 10**9))
def collect(number):
    NUMBERS.append(number)

@verifies("pipe.call.returns-pair")
def test_it():
    collect()
    raise AssertionError(f"tried {NUMBERS}")
"""


def test_the_script_of_a_run_with_a_seed_tries_the_examples_of_that_run(suite: Suite, tmp_path: Path) -> None:
    ran = suite.tests(OF_A_RUN, "--hypothesis-seed=7")
    line = ran.test("pipe.call.returns-pair")
    tried = line["message"].partition("tried ")[2].splitlines()[0]
    assert len(tried) > 100, line
    ended = run(tmp_path / "script.py", line["dossier"]["reproducer"])
    assert f"AssertionError: tried {tried}" in ended.stderr


def test_what_did_not_arise_accuses_nobody(build: Build, tmp_path: Path) -> None:
    first = """
    from mpconform.kit import did_not_arise, promise

    @verifies("a.b.one", "a.b.two")
    def test_it(mp):
        with promise("a.b.one"):
            did_not_arise("the moon is full")
        with promise("a.b.two"):
            pass
    """
    ended = run(tmp_path / "in_a_block.py", build(first))
    printed = "a.b.one: did not arise: the moon is full\nnot tried: a.b.one\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, printed, ""), ended
    broken = first.replace("pass", "assert not mp, 'broken'")
    ended = run(tmp_path / "beside.py", build(broken))
    assert (ended.returncode, ended.stderr.splitlines()[-1]) == (1, "broken: a.b.two"), ended
    alone = """
    from mpconform.kit import did_not_arise

    @verifies("a.b.one")
    def test_it(mp):
        did_not_arise("the moon is full")
    """
    ended = run(tmp_path / "alone.py", build(alone))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "did not arise: the moon is full\n", ""), ended
