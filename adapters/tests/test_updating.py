"""Rewriting expectations files: what a run found becomes what is expected, and the rest stays as it is."""

from __future__ import annotations

import os
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mpadapters.cell import Cell
from mpadapters.expectations import (
    Expectation,
    Expectations,
    ExpectationsError,
    expected,
    read_entries,
    update_expectations,
)

KNOWN = """\
# Known deviations of some backend.

# The queue was never good.
[[deviation]]
requirement = "queue.put.blocks"  # the one
verdict = "hang"
reason = "it polls"
link = "https://example.org/1"
start_method = ["fork", "spawn"] # not forkserver

# --- below: pools ---

# Of the pool.
[[deviation]]
requirement = "pool.map.order"
verdict = "fail"
reason = "unordered"
link = "https://example.org/2"

# The end.
"""


def cell(start_method: str) -> Cell:
    """Return a cell with this start method."""
    return Cell("some", "1.0", start_method, "3.11.7", "CPython", "linux")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a file with two entries."""
    path = tmp_path / "known.toml"
    path.write_text(KNOWN)
    return path


def update(path: Path, start_method: str, **found: str) -> list[str]:
    """Update the file after a run that found these verdicts; names have two underscores for each dot."""
    judged = {name.replace("__", "."): (verdict, f"{verdict} it is\nand more") for name, verdict in found.items()}
    return update_expectations(path, cell(start_method), judged, backend="some")


def test_a_file_that_is_not_there_is_created(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "new.toml"
    found = {"queue.put.blocks": ("hang", "put() of 3 did not return\n  more"), "queue.get.x": ("pass", "")}
    changes = update_expectations(path, cell("spawn"), found, backend="some.module")
    assert changes == ["now hang under spawn: queue.put.blocks"]
    assert path.read_text() == (
        "# Known deviations: what the keys mean is told in adapters/README.md of mpconform.\n"
        "\n"
        "[[deviation]]\n"
        'requirement = "queue.put.blocks"\n'
        'verdict = "hang"\n'
        'reason = "put() of 3 did not return"\n'
        'proof = "mpconform reproduce queue.put.blocks --backend some.module --start-method spawn"\n'
        'start_method = ["spawn"]\n'
    )


def test_what_is_as_expected_is_not_touched(path: Path) -> None:
    before = path.stat().st_mtime_ns, path.stat().st_ino
    assert update(path, "fork", queue__put__blocks="hang", pool__map__order="fail", pipe__x="pass") == []
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert path.read_text() == KNOWN


def test_what_was_not_judged_is_not_touched(path: Path) -> None:
    assert update(path, "fork", pipe__x="pass") == []
    assert path.read_text() == KNOWN


def test_a_new_deviation_comes_last(path: Path) -> None:
    update(path, "fork", pipe__recv__x="crash")
    new = path.read_text()
    assert new.startswith(KNOWN)
    assert new[len(KNOWN) :].startswith('\n[[deviation]]\nrequirement = "pipe.recv.x"\nverdict = "crash"\n')


def test_a_stale_entry_loses_this_start_method_and_nothing_else(path: Path) -> None:
    assert update(path, "fork", queue__put__blocks="pass") == ["no longer hang under fork: queue.put.blocks"]
    assert path.read_text() == KNOWN.replace('["fork", "spawn"] #', '["spawn"] #')


def test_a_stale_entry_without_a_list_gets_that_of_the_others(path: Path) -> None:
    update(path, "spawn", pool__map__order="pass")
    other = 'link = "https://example.org/2"\n'
    assert path.read_text() == KNOWN.replace(other, other + 'start_method = ["fork", "forkserver"]\n')


def test_the_others_are_those_that_the_backend_has(path: Path) -> None:
    update_expectations(
        path, cell("spawn"), {"pool.map.order": ("pass", "")}, backend="some", start_methods=("spawn", "fork")
    )
    assert read_entries(path)[1].start_method == ("fork",)


def test_an_entry_with_no_start_method_left_goes_with_its_own_comment_alone(path: Path) -> None:
    update(path, "fork", queue__put__blocks="pass")
    update(path, "spawn", queue__put__blocks="pass")
    head, rest = KNOWN.split("# The queue was never good.")
    assert path.read_text() == head + rest[rest.index("# --- below") :]


def test_the_last_entry_goes_too(path: Path) -> None:
    update_expectations(path, cell("spawn"), {"pool.map.order": ("pass", "")}, backend="some", start_methods=("spawn",))
    assert path.read_text() == KNOWN[: KNOWN.index("# Of the pool.")] + "# The end.\n"


def test_another_verdict_takes_the_place_of_the_old_one_in_this_cell(path: Path) -> None:
    update(path, "fork", queue__put__blocks="fail")
    entries = read_entries(path)
    assert [(e.requirement, e.verdict, e.start_method) for e in entries] == [
        ("queue.put.blocks", "hang", ("spawn",)),
        ("pool.map.order", "fail", ()),
        ("queue.put.blocks", "fail", ("fork",)),
    ]


def test_the_same_deviation_under_another_start_method_widens_its_entry(path: Path) -> None:
    update(path, "fork", pipe__recv__x="fail")
    update(path, "spawn", pipe__recv__x="fail")
    assert [e.start_method for e in read_entries(path)][2:] == [("fork", "spawn")]


def test_a_cause_is_kept_and_widened_with_its_entry(path: Path) -> None:
    path.write_text(KNOWN.replace('reason = "it polls"', 'reason = "hang it is"\ncause = "slow polls"'))
    update(path, "forkserver", queue__put__blocks="hang")
    assert [(e.cause, e.start_method) for e in read_entries(path)] == [
        ("slow polls", ("fork", "spawn", "forkserver")),
        ("", ()),
    ]
    update(path, "fork", queue__put__blocks="pass")
    assert read_entries(path)[0].cause == "slow polls"


def test_what_is_left_of_a_glob_keeps_its_cause(path: Path) -> None:
    path.write_text(KNOWN.replace('"pool.map.order"', '"pool.*"\ncause = "no order at all"'))
    update(path, "fork", pool__map__order="fail", pool__imap__order="pass")
    assert [e.cause for e in read_entries(path) if e.requirement.startswith("pool.")] == ["no order at all"] * 2


@pytest.mark.parametrize("difference", ['python = ">=3.12"', 'platform = "win32"', 'version = "<1"'])
def test_an_entry_under_other_conditions_is_not_widened(path: Path, difference: str) -> None:
    path.write_text(KNOWN.replace('reason = "it polls"', f'reason = "hang it is"\n{difference}'))
    update(path, "forkserver", queue__put__blocks="hang")
    assert [(e.requirement, e.start_method) for e in read_entries(path)][2:] == [("queue.put.blocks", ("forkserver",))]


def test_an_entry_with_another_reason_is_not_widened(path: Path) -> None:
    update(path, "forkserver", queue__put__blocks="hang")
    assert [e.reason for e in read_entries(path)] == ["it polls", "unordered", "hang it is"]


def test_a_glob_that_is_wrong_for_some_gives_way_to_entries_for_the_rest(path: Path) -> None:
    path.write_text(KNOWN.replace("pool.map.order", "pool.*"))
    update(path, "fork", pool__map__order="fail", pool__imap__order="pass")
    glob, kept = read_entries(path)[1:]
    assert (glob.requirement, glob.start_method) == ("pool.*", ("spawn", "forkserver"))
    assert (kept.requirement, kept.start_method) == ("pool.map.order", ("fork",))
    assert (kept.reason, kept.link) == ("unordered", "https://example.org/2"), "what was said of the glob is kept"


def test_a_glob_that_is_right_for_all_stays(path: Path) -> None:
    path.write_text(KNOWN.replace("pool.map.order", "pool.*"))
    assert update(path, "fork", pool__map__order="fail", pool__imap__order="fail") == []


def test_a_deviation_without_a_message_still_has_a_reason(path: Path) -> None:
    update_expectations(path, cell("fork"), {"pipe.x.y": ("crash", "\n \n")}, backend="some")
    assert read_entries(path)[-1].reason == "crash, without a message"


@pytest.mark.parametrize("message", ['quotes " and \\', "\x1b[31mred\x00", "\udcff stray", "'''", '"""', "é漢"])
def test_any_message_makes_a_file_that_can_be_read(path: Path, message: str) -> None:
    update_expectations(path, cell("fork"), {"pipe.x.y": ("crash", message)}, backend="some")
    assert read_entries(path)[-1].reason == message.replace("\udcff", "?").strip()
    assert update_expectations(path, cell("spawn"), {"pipe.x.y": ("crash", message)}, backend="some")
    assert len(read_entries(path)) == 3, "the same message under another start method widens the entry"


def test_lines_keep_the_ends_that_they_have(path: Path) -> None:
    path.write_bytes(KNOWN.replace("\n", "\r\n").encode())
    update(path, "fork", queue__put__blocks="pass", pipe__recv__x="fail")
    text = path.read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n") > KNOWN.count("\n")
    assert text.count(b"\r") == text.count(b"\r\n")


def test_a_file_written_otherwise_is_refused_and_not_spoilt(path: Path) -> None:
    text = 'deviation = [{requirement = "a.b.c", verdict = "fail", reason = "r", proof = "p"}]\n'
    path.write_text(text)
    with pytest.raises(ExpectationsError, match=r"cannot be rewritten: write each entry as a \[\[deviation\]\] table"):
        update(path, "fork", pipe__recv__x="fail")
    assert path.read_text() == text


@pytest.mark.parametrize("second", ["[[deviation]]", '[["deviation"]]'])
def test_a_header_inside_a_text_is_no_entry(path: Path, second: str) -> None:
    first, rest = KNOWN.replace('"it polls"', '"""\nit polls\n[[deviation]]\n"""').split("# ---", 1)
    path.write_text(first + "# ---" + rest.replace("[[deviation]]", second))
    before = path.read_text()
    with pytest.raises(ExpectationsError, match="cannot be rewritten"):
        update(path, "fork", pipe__recv__x="fail")
    assert path.read_text() == before


def test_a_file_with_a_mistake_is_refused_and_not_spoilt(path: Path) -> None:
    path.write_text(KNOWN + "oops")
    with pytest.raises(ExpectationsError, match="is not TOML"):
        update(path, "fork", pipe__recv__x="fail")
    assert path.read_text() == KNOWN + "oops"


def test_a_full_disk_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_half(self: Path, content: bytes) -> int:
        with open(self, "wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(ExpectationsError, match=r"cannot be written \(No space left on device\); it is as it was"):
        update(path, "fork", pipe__recv__x="fail")
    assert path.read_text() == KNOWN
    assert os.listdir(path.parent) == ["known.toml"], "nothing is left beside it"


def test_a_link_to_the_file_stays_a_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    update(link, "fork", pipe__recv__x="fail")
    assert link.is_symlink()
    assert len(read_entries(path)) == 3


REQUIREMENTS = [f"{first}.{second}.x" for first in "ab" for second in "pq"]
METHODS = ("fork", "spawn", "forkserver")
VERDICTS = ("pass", "fail", "hang")
entries = st.builds(
    Expectation,
    requirement=st.sampled_from([*REQUIREMENTS, "a.*", "*.p.*"]),
    verdict=st.sampled_from(VERDICTS[1:]),
    reason=st.text(string.printable, min_size=1, max_size=8).filter(str.strip),
    proof=st.just("p"),
    start_method=st.lists(st.sampled_from(METHODS), unique=True).map(tuple),
)
runs = st.lists(
    st.tuples(
        st.sampled_from(METHODS),
        st.dictionaries(
            st.sampled_from(REQUIREMENTS), st.tuples(st.sampled_from(VERDICTS), st.sampled_from(["m", "n"]))
        ),
    ),
    min_size=1,
    max_size=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.lists(entries, max_size=4, unique_by=lambda entry: entry.requirement), runs)
def test_after_an_update_the_same_run_is_as_expected(
    tmp_path: Path, known: list[Expectation], runs: list[tuple[str, dict[str, tuple[str, str]]]]
) -> None:
    import tomlkit

    path = tmp_path / "known.toml"
    tables = tomlkit.aot()
    for entry in known:
        pairs = {"requirement": entry.requirement, "verdict": entry.verdict, "reason": entry.reason, "proof": "p"}
        tables.append(tomlkit.item({**pairs, **({"start_method": entry.start_method} if entry.start_method else {})}))
    path.write_bytes(tomlkit.dumps({"deviation": tables}).encode() if known else b"")
    for method, found in runs:
        update_expectations(path, cell(method), found, backend="some")
        in_cell = Expectations(path, tuple(read_entries(path))).for_cell(cell(method))
        for requirement, (verdict, _) in found.items():
            decides = expected(in_cell, requirement)
            assert (decides.verdict if decides else "pass") == verdict, f"{requirement} under {method}: {decides}"
        assert update_expectations(path, cell(method), found, backend="some") == [], "a second update changes nothing"
