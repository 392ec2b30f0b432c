"""The lint, each rule of it seen to fail on a section that is made up for it; and the real sections, which pass."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from mpconform.registry import spans, testing
from mpconform.registry.lint import lint
from mpconform.registry.loading import sections_root
from mpconform.registry.wording import wording_problems

REQUIREMENTS = """title = "Managers"

["a.b.one"]
says = "a() returns one."
doc = "multiprocessing.Process.join"
level = "must"
check = "a()"

["a.b.two"]
says = "b() raises ValueError."
doc = "multiprocessing.Process.join"
level = "must"
needs = ["a.b.one"]
check = "b()"
"""

ACCOUNT = """["multiprocessing.Process.join"]
0 = ["a.b.one"]
1 = "advice"
2 = ["a.b.two"]
"""

TESTS = '''from mpconform.kit import verifies


@verifies("a.b.one")
def test_one(mp):
    """One it is."""
    assert mp.a() == 1, "a() is not 1"


@verifies("a.b.two")
def test_two(mp):
    assert mp.b() == 2, "b() is not 2"
'''


class Sections:
    """A made-up folder of sections with one sound section in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files = {"requirements.toml": REQUIREMENTS, "account.toml": ACCOUNT, "test_ab.py": TESTS}
        self.add("managers", self.files)

    def add(self, section: str, files: dict[str, str]) -> None:
        (self.root / section).mkdir(exist_ok=True)
        for name, text in files.items():
            (self.root / section / name).write_text(text)

    def replace(self, name: str, old: str, new: str) -> None:
        assert old in self.files[name]
        self.files[name] = self.files[name].replace(old, new)
        self.add("managers", self.files)

    def append(self, name: str, text: str) -> None:
        self.files[name] = self.files.get(name, "") + text
        self.add("managers", self.files)

    def problems(self) -> list[str]:
        """Return what the lint finds, with file names relative to the made-up section."""
        return [str(problem).removeprefix(f"{self.root}/managers/") for problem in lint(self.root)]


@pytest.fixture
def sections(tmp_path: Path) -> Sections:
    return Sections(tmp_path)


def test_a_sound_section_has_no_problem(sections: Sections) -> None:
    assert sections.problems() == []


def test_the_real_sections_have_no_problem() -> None:
    problems = lint(sections_root())
    assert not problems, f"{len(problems)} problems:\n" + "\n".join(map(str, problems))


def test_an_id_used_by_no_test(sections: Sections) -> None:
    sections.replace("test_ab.py", '@verifies("a.b.two")', '@verifies("a.b.one")')
    assert sections.problems() == [
        "requirements.toml:9: a.b.two: is verified by no test; write one, or say why not with untestable"
    ]


def test_a_test_of_no_id(sections: Sections) -> None:
    sections.append("test_ab.py", "\n\ndef test_three(mp):\n    pass\n")
    assert sections.problems() == ['test_ab.py:15: test_three: verifies no requirement; add @verifies("its.id")']


def test_a_test_of_an_empty_list_of_ids(sections: Sections) -> None:
    sections.append("test_ab.py", "\n\n@verifies()\ndef test_three(mp):\n    pass\n")
    assert sections.problems() == ['test_ab.py:16: test_three: verifies no requirement; add @verifies("its.id")']


def test_a_test_of_an_unknown_id(sections: Sections) -> None:
    sections.replace("test_ab.py", '@verifies("a.b.two")', '@verifies("a.b.two", "a.b.twoo")')
    assert sections.problems() == ["test_ab.py:11: test_two: verifies 'a.b.twoo'; did you mean a.b.two or a.b.one?"]


def test_an_id_of_another_section(sections: Sections) -> None:
    other = REQUIREMENTS.replace("a.b.", "c.d.")
    sections.add("dummy_module", {"requirements.toml": other, "account.toml": ACCOUNT.replace("a.b.", "c.d.")})
    sections.add("dummy_module", {"test_cd.py": TESTS.replace("a.b.", "c.d.")})
    sections.append("test_ab.py", '\n\n@verifies("c.d.one")\ndef test_three(mp):\n    assert mp.a(), "no a()"\n')
    assert sections.problems() == [
        "test_ab.py:16: test_three: verifies 'c.d.one', which section dummy_module has; move it there"
    ]


def test_an_id_that_is_computed(sections: Sections) -> None:
    sections.replace("test_ab.py", '@verifies("a.b.two")', '@verifies("a.b.two", ID)')
    assert sections.problems() == ["test_ab.py:11: test_two: @verifies takes plain strings only; write each id out"]


def test_an_id_in_two_sections(sections: Sections) -> None:
    sections.add("dummy_module", {"requirements.toml": REQUIREMENTS, "account.toml": ACCOUNT})
    assert sections.problems() == [
        f"{sections.root}/dummy_module/requirements.toml:{line}: {id}: is also in section managers; "
        "rename or remove one of them"
        for id, line in (("a.b.one", 3), ("a.b.two", 9))  # noqa: A001
    ]


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        ("a() returns one", "does not end in a full stop"),
        ("a() returns one...", "does not end in a full stop"),
        ("a() returns one. It is true.", "is more than one sentence; give each promise an id of its own"),
        ("a() nicely behind one.", "has no checkable verb (returns, raises, blocks, is, ...; they are listed in"),
        ("a() works.", "has no checkable verb"),
        ("start() and Process.run work.", "has no checkable verb"),
        ("a() should return one.", "has the word 'should', which no test can decide"),
        ("a() is handled properly.", "has the word 'properly'"),
    ],
)
def test_wording(sections: Sections, says: str, problem: str) -> None:
    sections.replace("requirements.toml", "a() returns one.", says)
    (found,) = sections.problems()
    assert found.startswith(f"requirements.toml:4: a.b.one: says: {problem}")


@pytest.mark.parametrize(
    "says",
    [
        "a() returns one, e.g. for 3.5 as an argument.",
        "The name of a lock is a string.",
        "Items put before close() arrive.",
        "Each value (a float, 0.5 say) can be shared.",
    ],
)
def test_good_wording(says: str) -> None:
    assert list(wording_problems(says)) == []


def test_needs_of_an_unknown_id(sections: Sections) -> None:
    sections.replace("requirements.toml", 'needs = ["a.b.one"]', 'needs = ["a.b.onne"]')
    assert sections.problems() == [
        "requirements.toml:13: a.b.two: needs: names 'a.b.onne'; did you mean a.b.one or a.b.two?"
    ]


def test_needs_in_a_circle(sections: Sections) -> None:
    sections.replace("requirements.toml", 'check = "a()"', 'check = "a()"\nneeds = ["a.b.two"]')
    assert sections.problems() == [
        "requirements.toml:8: a.b.one: needs: go in a circle, a.b.one -> a.b.two -> a.b.one; remove one of them"
    ]


def test_needs_of_itself(sections: Sections) -> None:
    sections.replace("requirements.toml", 'needs = ["a.b.one"]', 'needs = ["a.b.two"]')
    assert sections.problems() == [
        "requirements.toml:13: a.b.two: needs: go in a circle, a.b.two -> a.b.two; remove one of them"
    ]


def test_an_untestable_requirement_with_a_test(sections: Sections) -> None:
    sections.replace("requirements.toml", 'check = "b()"', 'untestable = "too big"')
    assert sections.problems() == [
        "requirements.toml:14: a.b.two: untestable: yet test_two verifies it; remove the one or the other"
    ]


def test_an_ambiguous_requirement_without_observation(sections: Sections) -> None:
    sections.append("requirements.toml", 'ambiguous = "which error"\n')
    assert sections.problems() == [
        "requirements.toml:15: a.b.two: ambiguous: test_two records no observation; it must take the fixture observe"
    ]
    sections.replace("test_ab.py", "def test_two(mp)", "def test_two(mp, observe)")
    assert sections.problems() == []


def test_an_observation_of_a_plain_promise(sections: Sections) -> None:
    sections.replace("test_ab.py", "def test_two(mp)", "def test_two(mp, observe)")
    assert sections.problems() == [
        "test_ab.py:11: test_two: takes observe, but no requirement it verifies is ambiguous"
    ]


def test_an_account_of_an_unknown_id(sections: Sections) -> None:
    sections.append("account.toml", '3 = ["a.b.tow"]\n')
    assert sections.problems() == [
        "account.toml:5: multiprocessing.Process.join: 3: yields 'a.b.tow'; did you mean a.b.two or a.b.one?"
    ]


def test_a_requirement_that_no_sentence_yields(sections: Sections) -> None:
    sections.replace("account.toml", '2 = ["a.b.two"]', '2 = ["a.b.one"]')
    assert sections.problems() == ["requirements.toml:9: a.b.two: no sentence yields it; name it in account.toml"]


def test_a_sentence_that_yields_nothing_yet(sections: Sections) -> None:
    sections.append("account.toml", "3 = []\n")
    assert sections.problems() == [
        "account.toml:5: multiprocessing.Process.join: 3: is pending; name the ids it yields, or say why it promises "
        "nothing"
    ]


def test_a_sentence_that_was_left_out(sections: Sections) -> None:
    sections.append("account.toml", '4 = "advice"\n\n["multiprocessing.Process.start"]\n2 = "advice"\n')
    assert sections.problems() == [
        "account.toml:5: multiprocessing.Process.join: 4: stands where sentence 3 should; leave none out",
        "account.toml:8: multiprocessing.Process.start: 2: stands where sentence 1 should; leave none out",
    ]


SLEEP = "calls sleep; synchronise with a gate, a latch, a journal or patience"
EVENT = "waits on an event that nothing sets, which is a sleep; use a gate or patience"
NUMBER = "waits for a number of seconds of its own, "


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("time.sleep(1)", SLEEP),
        ("sleep(1)", SLEEP),
        ("threading.Event().wait(timeout)", EVENT),
        ("event.wait(0.5)", f"{NUMBER}event.wait(0.5); use patience.timeout for what is to run out, patience.awaiting"),
        ("self.latch.gate.wait(1)", NUMBER),
        ("child.join(1)", NUMBER),
        ("child.join(timeout=1.5)", NUMBER),
        ("queue.get(True, timeout=3)", NUMBER),
        ("reader.poll(0.2)", NUMBER),
        ("mp.connection.wait([reader], 0.1)", NUMBER),
        ("condition.wait_for(lambda: x, 2)", NUMBER),
        ("select.select([], [], [], 0.5)", NUMBER),
        ("patience.never(lambda: False, 'x')", "watches for what cannot happen, which is a sleep;"),
        ("never(lambda: None, 'x')", "watches for what cannot happen, which is a sleep;"),
        ("from time import sleep as pause", "calls sleep pause; synchronise with a gate, a latch, a journal or"),
        ("pause = time.sleep", "calls sleep pause;"),
        ("pause: object = sleep", "calls sleep pause;"),
        ("getattr(time, 'sleep')(1)", "gets sleep by its name;"),
        ("COARSENESS = 0.02", "has a span of time of its own, COARSENESS; the kit has patience and GRANULARITY"),
        ("assert took >= timeout - 0.02, 'x'", "compares with timeout - 0.02; patience.runs_out and"),
        ("assert timeout + 0.5 > took, 'x'", "compares with timeout + 0.5;"),
        ("program('child.join(1)')", f"in a script: {NUMBER}"),
        ("mp._x", "uses the private attribute mp._x; a section uses only what is documented"),
        ("mp.pool.Pool(2)._pool", "uses the private attribute mp.pool.Pool(2)._pool;"),
        ("queue._buffer.clear()", "uses the private attribute queue._buffer;"),
        ("getattr(mp.Queue(), '_buffer')", "uses the private attribute mp.Queue()._buffer;"),
        ("assert mp.f()", "asserts without a message; name the call, what came back and what is promised"),
        ("import pytest", "imports pytest; a section imports the standard library, mpconform.kit and hypothesis only"),
        ("from pytest import raises", "imports pytest;"),
        ("import billiard.pool", "imports billiard.pool;"),
        ("from mpconform import plugin", "imports mpconform.plugin;"),
        ("import mpconform.plugin.options", "imports mpconform.plugin.options;"),
        ("import multiprocessing", "imports multiprocessing; the backend under test is the fixture mp, and backend()"),
        ("from multiprocessing.pool import Pool", "imports multiprocessing.pool;"),
        ("importlib.import_module('multiprocessing.pool')", "imports multiprocessing.pool;"),
        ("program('import multiprocessing')", "in a script: imports multiprocessing;"),
        ("program('''\n    import time\n    time.sleep(3)\n''')", "in a script: calls sleep;"),
        ("program(f'mp.f({x})\\nmp._y')", "in a script: uses the private attribute mp._y;"),
    ],
)
def test_what_a_module_must_not_do(sections: Sections, line: str, problem: str) -> None:
    sections.append("helpers.py", f"\n{line}\n")
    (found,) = sections.problems()
    assert found.startswith(f"helpers.py:2: {problem}")


@pytest.mark.parametrize(
    "line",
    [
        "mp.Process(target=time.sleep, args=(60,))",
        "mp.__name__ + cls._fields_ + self._own",
        "proxy._callmethod('append', (1,)) or proxy._getvalue() or os._exit(3)",
        "import hypothesis.strategies, threading, mpconform.kit",
        "from mpconform.kit import Gate",
        "from . import helpers",
        "assert x, 'no sleep(s) here: import multiprocessing was said to be ._bad'",
        "event = threading.Event(); event.wait(patience.timeout)",
        "journal.wait(1, 'call of the target'); begun.wait(2, f'callers of {name}()'); self.lifelines.wait(2)",
        "child.join(0); event.wait(0); child.join(0.01); select.select([x], [], [], 0); ', '.join(names)",
        "patience.never(lambda: returned, 'join() returns')",
        "LARGE = 40_000; VALUE = 1.5; LOW = -0.5",
        "assert took >= timeout - GRANULARITY, 'x'",
    ],
)
def test_what_a_module_may_do(sections: Sections, line: str) -> None:
    sections.append("helpers.py", f"\n{line}\n")
    assert sections.problems() == []


def test_what_is_allowed_is_there() -> None:
    left = dict(spans.ALLOWED)
    for file in testing.module_files(sections_root()):
        where = f"{file.parent.name}/{file.name}"
        if any(where == name for name, _ in left):
            said = {
                ast.unparse(node)
                for node in ast.walk(ast.parse(file.read_text()))
                if isinstance(node, ast.expr | ast.Assign)
            }
            left = {key: why for key, why in left.items() if key[0] != where or key[1] not in said}
    assert not left, "take these out of ALLOWED, in registry/spans.py: nothing needs them any more"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (
            "TestMachine = Machine.TestCase",
            "TestMachine: is a test by assignment, which no @verifies can",
        ),
        ("class TestMachine:\n    pass", "TestMachine: is a class of tests; tests are functions"),
        ('@verifies("a.b.one")\ndef check_it(mp):\n    pass', "check_it: has @verifies but is no test;"),
        (
            '@verifies("a.b.one")\nasync def test_it(mp):\n    pass',
            "test_it: is a coroutine; tests are",
        ),
    ],
)
def test_a_test_that_is_no_function(sections: Sections, code: str, problem: str) -> None:
    sections.append("test_machine.py", code + "\n")
    (found,) = sections.problems()
    assert re.sub(r":\d+:", ":", found, count=1).startswith(f"test_machine.py: {problem}")


def test_a_test_in_a_file_that_pytest_leaves_out(sections: Sections) -> None:
    sections.append("more.py", '@verifies("a.b.one")\ndef test_it(mp):\n    pass\n')
    (found,) = sections.problems()
    assert found.startswith("more.py:2: test_it: has @verifies but is no test;")


def test_files_that_cannot_be_read_are_all_told_first(sections: Sections) -> None:
    sections.append("more.py", "def (\n")
    sections.append("account.toml", "3 = 3\n")
    sections.append("test_ab.py", "\n\ndef test_three(mp):\n    pass\n")
    account, module = sections.problems()
    assert account.startswith("account.toml:5: multiprocessing.Process.join: 3: must be a list")
    assert module.startswith("more.py:1: no valid Python: ")


def test_a_requirements_file_that_cannot_be_read(sections: Sections) -> None:
    sections.replace("requirements.toml", 'level = "must"', "level = must")
    (found,) = sections.problems()
    assert found.startswith("requirements.toml:6: no valid TOML: ")


def test_a_folder_that_is_no_section(sections: Sections) -> None:
    sections.add("manager", {"test_x.py": ""})
    sections.add("dummy_module", {"test_x.py": ""})
    sections.add(".pytest_cache", {})
    sections.add("__pycache__", {})
    dummy, manager = sections.problems()
    assert dummy.endswith("dummy_module/requirements.toml:1: there is no such file; every section has one")
    assert manager.endswith("manager:1: manager: is no section; did you mean managers?")


def test_tests_by_requirement(sections: Sections) -> None:
    sections.replace("test_ab.py", '@verifies("a.b.two")', '@verifies("a.b.one", "a.b.two")')
    sections.append("more.py", '@verifies("a.b.one")\ndef test_that_pytest_leaves_out(mp):\n    pass\n')
    found = testing.tests_by_requirement(sections.root)
    assert {ident: [test.name for test in tests] for ident, tests in found.items()} == {
        "a.b.one": ["test_one", "test_two"],
        "a.b.two": ["test_two"],
    }
    one = found["a.b.one"][0]
    assert (one.file, one.line) == (sections.root / "managers" / "test_ab.py", 5)
    assert one.docstring == "One it is."
    assert one.source.startswith('@verifies("a.b.one")\ndef test_one(mp):')
    assert one.source.endswith('assert mp.a() == 1, "a() is not 1"')
    assert one.arguments == ("mp",)


def test_a_need_that_is_weaker_than_what_needs_it(sections: Sections) -> None:
    sections.replace("requirements.toml", 'a() returns one."\ndoc = "multiprocessing.Process.join"\nlevel = "must"',
                     'a() returns one."\ndoc = "multiprocessing.Process.join"\nlevel = "may"')  # fmt: skip
    assert sections.problems() == [
        "requirements.toml:13: a.b.two: needs: 'a.b.one' is a 'may', weaker than this 'must'; correct one"
    ]


@pytest.mark.parametrize(("needed", "needing"), [("must", "must"), ("must", "may"), ("should", "may")])
def test_a_need_may_be_stronger(sections: Sections, needed: str, needing: str) -> None:
    one, two = REQUIREMENTS.split('["a.b.two"]')
    changed = one.replace('"must"', f'"{needed}"') + '["a.b.two"]' + two.replace('"must"', f'"{needing}"')
    sections.replace("requirements.toml", REQUIREMENTS, changed)
    assert sections.problems() == []
