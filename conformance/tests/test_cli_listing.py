"""The commands that need no run: list, explain, backends, check-adapter; and how every error is told."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from written import call
from written import error as error_of

import mpconform
from mpconform.cli import COMMANDS
from mpconform.registry import loading

REQUIREMENTS = """title = "Managers"

["a.b.one"]
says = "a() returns one."
doc = "multiprocessing.Process.join"
level = "must"
since = "3.8"
until = "3.12"
check = "whether a() counts"

["a.b.two"]
says = "b() raises ValueError."
doc = "multiprocessing#managers"
level = "should"
needs = ["a.b.one"]
check = "b()"
ambiguous = "which error"

["a.c.three"]
says = "c() is free of charge."
doc = "multiprocessing#managers"
level = "may"
untestable = "nobody asks"
via = "queue.Queue"
"""

ACCOUNT = """["multiprocessing.Process.join"]
0 = ["a.b.one"]
1 = "advice"
2 = ["a.b.two", "a.c.three"]
"""

TESTS = """from mpconform.kit import verifies


@verifies("a.b.one")
def test_one(mp):
    assert mp.a() == 1, "a() is not 1"


@verifies("a.b.two")
def test_two(mp, observe):
    observe(mp.b())
"""

DUMMY = """title = "The dummy module"

["dummy.b.one"]
says = "dummy() returns one."
doc = "multiprocessing.dummy"
level = "must"
check = "dummy()"
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put made-up sections in the place of the suite's."""
    (tmp_path / "managers").mkdir()
    (tmp_path / "managers" / "requirements.toml").write_text(REQUIREMENTS)
    (tmp_path / "managers" / "account.toml").write_text(ACCOUNT)
    (tmp_path / "managers" / "test_ab.py").write_text(TESTS)
    monkeypatch.setattr(loading, "sections_root", lambda: tmp_path)
    monkeypatch.setattr("mpconform.cli.listing.SECTIONS", ("managers",))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def with_gaps(root: Path) -> Path:
    """Add a section with a requirement that has no test and a sentence that nobody has read."""
    (root / "dummy_module").mkdir()
    (root / "dummy_module" / "requirements.toml").write_text(DUMMY)
    (root / "dummy_module" / "account.toml").write_text('["multiprocessing.dummy"]\n0 = ["dummy.b.one"]\n1 = []\n')
    return root


error = partial(error_of, 2)
"""Return the one line of an error of wrong usage: see ``written.error``."""


def test_list_in_a_pipe_is_one_line_a_requirement(root: Path) -> None:
    result = call("list")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "a.b.one\tmust\tmanagers\ta() returns one.",
        "a.b.two\tshould\tmanagers\tb() raises ValueError.",
        "a.c.three\tmay\tmanagers\tc() is free of charge.",
    ]


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (["--requirement", "a.b.*"], ["a.b.one", "a.b.two"]),
        (["--requirement", "a.b.two", "--requirement", "*.three"], ["a.b.two", "a.c.three"]),
        (["--level", "must", "--level", "may"], ["a.b.one", "a.c.three", "dummy.b.one"]),
        (["--section", "dummy_module"], ["dummy.b.one"]),
        (["--section", "managers", "--level", "must"], ["a.b.one"]),
    ],
)
def test_list_chooses(with_gaps: Path, arguments: list[str], ids: list[str]) -> None:
    result = call("list", *arguments)
    assert result.exit_code == 0
    assert [line.split("\t")[0] for line in result.output.splitlines()] == ids


def test_list_as_json(root: Path) -> None:
    result = call("list", "--format", "json", "--requirement", "a.b.one")
    assert json.loads(result.output) == [
        {
            "id": "a.b.one",
            "section": "managers",
            "says": "a() returns one.",
            "doc": "multiprocessing.Process.join",
            "link": "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.join",
            "level": "must",
            "since": "3.8",
            "until": "3.12",
            "platforms": [],
            "start_methods": [],
            "needs": [],
            "check": "whether a() counts",
            "untestable": None,
            "ambiguous": None,
            "via": None,
            "via_link": None,
        }
    ]


def test_list_at_a_terminal_has_headings(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mpconform.cli.listing.on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    output = call("list").output
    assert "Managers (managers): 3" in output
    assert "  a.b.two  should\n    b() raises ValueError." in output
    assert "a.c.three may, via queue.Queue c()" in " ".join(output.split())


def test_coverage_without_gaps(root: Path) -> None:
    result = call("list", "--coverage")
    assert result.exit_code == 0
    header, managers, total, *rest = result.output.splitlines()
    assert header.split("  ")[0] == "section"
    assert managers.split() == ["managers", "3", "1", "3", "1", "1", "1", "0"]
    assert total.split() == ["all", "3", "1", "3", "1", "1", "1", "0"]
    assert rest == ["", "untestable, and why:", "  a.c.three: nobody asks"]


def test_coverage_with_gaps(with_gaps: Path) -> None:
    result = call("list", "--coverage")
    assert result.exit_code == 1
    _, _, dummy, total, *rest = result.output.splitlines()
    assert dummy.split() == ["dummy_module", "2", "0", "1", "0", "0", "0", "2"]
    assert total.split() == ["all", "5", "1", "4", "1", "1", "1", "2"]
    assert rest[rest.index("pending:") + 1] == "  dummy.b.one"
    assert rest[-2:] == [
        "  dummy_module/account.toml:3: multiprocessing.dummy: 1: is pending; name the ids it yields, or say why it "
        "promises nothing",
        "  dummy_module/requirements.toml:3: dummy.b.one: is verified by no test; write one, or say why not with "
        "untestable",
    ]


def test_coverage_of_one_section(with_gaps: Path) -> None:
    assert call("list", "--coverage", "--section", "managers").exit_code == 0
    result = call("list", "--coverage", "--section", "dummy_module", "--format", "json")
    assert result.exit_code == 1
    answer = json.loads(result.output)
    assert [(count["section"], count["pending"]) for count in answer["sections"]] == [("dummy_module", 2)]
    assert answer["pending"] == ["dummy.b.one"]
    assert answer["untestable"] == {}
    assert len(answer["problems"]) == 2


def test_coverage_tells_a_gap_that_is_not_pending(root: Path) -> None:
    (root / "managers" / "helpers.py").write_text("import multiprocessing\n")
    result = call("list", "--coverage")
    assert result.exit_code == 1
    assert "problems:\n  managers/helpers.py:1: imports multiprocessing;" in result.output


def test_coverage_tells_a_heading_without_a_section(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mpconform.cli.listing.SECTIONS", ("managers", "dummy_module"))
    result = call("list", "--coverage")
    assert result.exit_code == 1
    assert "problems:\n  dummy_module: this heading of the documentation has no section" in result.output
    assert call("list", "--coverage", "--section", "managers").exit_code == 0


def test_coverage_counts_whole_sections() -> None:
    assert error("list", "--coverage", "--level", "must").startswith("--coverage counts whole sections: leave out")


def test_explain(root: Path) -> None:
    result = call("explain", "a.b.two")
    assert result.exit_code == 0
    assert (
        result.output
        == """\
a.b.two
  b() raises ValueError.

section        Managers (managers)
documentation  multiprocessing#managers
               https://docs.python.org/3/library/multiprocessing.html#managers
               sentence 2 below multiprocessing.Process.join
level          should
editions       3.7 and later
needs          a.b.one
                 a() returns one.
check first    b()
ambiguous      which error (its answer is recorded, never scored)

managers/test_ab.py:10  test_two
@verifies("a.b.two")
def test_two(mp, observe):
    observe(mp.b())
"""
    )


def test_explain_tells_the_editions_and_why_there_is_no_test(root: Path) -> None:
    assert "editions       3.8 to 3.12\n" in call("explain", "a.b.one").output
    assert call("explain", "a.c.three").output.endswith("untestable     nobody asks\n")


def test_explain_tells_what_other_documentation_makes_the_promise(root: Path) -> None:
    link = "https://docs.python.org/3/library/queue.html#queue.Queue"
    assert f"\nvia            queue.Queue\n               {link}\n" in call("explain", "a.c.three").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["explain", "a.b.tow"], "no requirement 'a.b.tow': did you mean a.b.two or a.b.one?"),
        (["list", "--section", "manager"], "no section 'manager': did you mean managers?"),
        (["list", "--section", "x"], "no section 'x': known are managers"),
        (["list", "--coverage", "--section", "manager"], "no section 'manager': did you mean managers?"),
        (["list", "--requirement", "a.bb.*"], "no requirement matches 'a.bb.*': did you mean a.b.*"),
        (
            ["list", "--requirement", "a.b.one", "--level", "may"],
            "no requirement is left: the given sections, ids and levels have none in common",
        ),
        (["list", "--level", "shall"], "Invalid value for '--level': 'shall' is not one of 'must', 'should', 'may'."),
        (["list", "--fromat"], "No such option"),
        (["explain"], "Missing argument 'ID'. (see "),
        (["lst"], "no command 'lst': did you mean list?"),
        (["zzz"], "no command 'zzz': known are run, reproduce, report, diff, merge, list"),
        ([], "Missing command."),
    ],
)
def test_wrong_usage_is_told_in_one_line(root: Path, arguments: list[str], message: str) -> None:
    assert error(*arguments).startswith(message)


def test_a_registry_that_cannot_be_read_is_told_in_one_line(root: Path) -> None:
    (root / "managers" / "requirements.toml").write_text("title = 3\n")
    assert error("list") == (
        'managers/requirements.toml:1: title: missing; begin the file with the section\'s heading, title = "..."'
    )


def test_a_defect_of_ours_is_no_usage_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("mpconform.cli.listing.load_registry", broken)
    with pytest.raises(ZeroDivisionError):
        call("list")


def failing(exception: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise exception

    return fail


def test_errors_of_every_area_are_told_with_their_status(monkeypatch: pytest.MonkeyPatch) -> None:
    from mpadapters import AdapterError
    from mpadapters.expectations import ExpectationsError
    from mpreports.results import ResultsError

    for exception, status in ((AdapterError("a"), 2), (ExpectationsError("a"), 2), (ResultsError("a", 3), 3)):
        monkeypatch.setattr("mpconform.cli.listing.load_registry", failing(exception))
        result = call("list")
        assert (result.exit_code, result.stderr) == (status, "mpconform: error: a\n"), repr(exception)


def test_an_interrupt_is_told_as_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mpconform.cli.listing.load_registry", interrupt)
    result = call("list")
    assert result.exit_code == 3
    assert result.stderr.strip() == "mpconform: error: interrupted"


def test_help_names_every_command() -> None:
    result = call("--help")
    assert result.exit_code == 0
    for name, (_, summary) in COMMANDS.items():
        assert f"\n  {name} " in result.output
        assert summary in result.output


@pytest.mark.parametrize("name", ["report", "diff", "merge", "list", "explain", "backends", "check-adapter"])
def test_help_of_each_command(name: str) -> None:
    result = call(name, "--help")
    assert result.exit_code == 0
    assert f"Usage: main {name}" in result.output


def test_backends() -> None:
    lines = [line.split("\t") for line in call("backends").output.splitlines()]
    stdlib = next(line for line in lines if line[0] == "stdlib")
    assert stdlib[1] == ".".join(map(str, sys.version_info[:3]))
    assert "spawn" in stdlib[2].split(", ")


def test_backends_that_are_not_installed_tell_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from mpadapters import AdapterError

    def probe(name: str) -> None:
        raise AdapterError(f"backend {name!r}: no package 'x' is installed: python -m pip install x")

    monkeypatch.setattr("mpconform.cli.backends.probe", probe)
    assert "\nbilliard\tno package 'x' is installed: python -m pip install x\t\n" in call("backends").output


@pytest.mark.parametrize(("sound", "status"), [(True, 0), (False, 1)])
def test_check_adapter(monkeypatch: pytest.MonkeyPatch, sound: bool, status: int) -> None:
    from mpadapters import checking

    checks = [checking.Check("it has a name", True, ""), checking.Check("it starts", sound, "as it may")]
    monkeypatch.setattr(checking, "check_adapter", lambda adapter: checks)
    result = call("check-adapter", "stdlib")
    assert result.exit_code == status
    assert result.output == f"ok    it has a name\n{'ok  ' if sound else 'FAIL'}  it starts: as it may\n"


def test_check_adapter_of_an_unknown_backend() -> None:
    assert error("check-adapter", "biliard") == "no backend 'biliard': did you mean billiard?"


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    code = "from mpconform.cli import main; main(prog_name='mpconform')"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_real_command_tells_its_version() -> None:
    result = run("--version")
    assert (result.returncode, result.stdout) == (0, f"mpconform, version {mpconform.__version__}\n")


def test_the_real_command_exits_with_2_on_wrong_usage() -> None:
    result = run("list", "--section", "proces_pools")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("mpconform: error: no section 'proces_pools': ")


def test_the_real_command_survives_a_reader_that_leaves() -> None:
    code = "from mpconform.cli import main; main(['list'], prog_name='mpconform')"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        process.wait(60)


def test_help_imports_neither_pytest_nor_rich_nor_any_command() -> None:
    code = (
        "import sys\nfrom mpconform.cli import main\n"
        "try:\n    main(['--help'])\nfinally:\n"
        "    heavy = ('pytest', 'rich', 'mpadapters', 'mpreports', 'mpconform.registry', 'mpconform.cli.listing')\n"
        "    print([name for name in heavy if name in sys.modules], file=sys.stderr)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert result.stderr == "[]\n"
