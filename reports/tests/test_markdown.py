"""Markdown for the page of a CI job: what it says, how long it is, and that hostile text in it does nothing."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from mpreports.comparison import Comparison, compare, compare_sets
from mpreports.markdown import LINES, code, difference_markdown, report_markdown

DOC = "https://docs.python.org/3.11/library/multiprocessing.html#multiprocessing.Process.join"
HOSTILE = [
    "`code` ``more`` `",
    "| a | b |",
    "<script>alert(1)</script><!-- -->",
    "[x](javascript:alert(1)) ![x](http://evil.example/x.png) https://evil.example @someone #1 :boom:",
    "one\n# two\n\n- three",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07\u202e\x00\ud800",
    "\\` *x* _y_ ~~z~~ &lt;&#96;",
    "```",
    " ",
    "",
]


def inline(text):
    """Return the inline tokens of the Markdown, and the types of all others."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return [child for token in tokens for child in token.children or []], {token.type for token in tokens}


def known(verdict):
    return {"requirement": "x", "verdict": verdict, "reason": "it is slow", "link": None}


def test_one_run(samples):
    results = samples.results(
        samples.check("a.worse", "fail", because="start() returned 0\nmore"),
        samples.check("a.other", "hang", expectation=known("fail")),
        samples.check("a.better", "pass", "better", expectation=known("leak")),
        samples.check("a.known", "leak", "expected", expectation=known("leak"), because=""),
        samples.check("a.fine"),
    )
    assert (
        report_markdown([results])
        == f"""\
## mpconform: 2 worse than expected, 1 better than expected

- `billiard 4.2.1 · spawn · CPython 3.11.4 · linux · edition 3.11`: 2 worse than expected, 1 better, 2 of 5 as \
expected: 1 pass, 1 expected deviation

### Worse than expected: 2

- fail [`a.worse`]({DOC}): `start() returned 0`
- hang, expected fail: [`a.other`]({DOC}): `a.other said so`

### Better than expected, so that the expectation is stale: 1

- pass, expected leak: [`a.better`]({DOC})

### Known deviations: 1

- leak [`a.known`]({DOC})
"""
    )


def test_the_same_in_several_cells_is_told_once(samples):
    fail, hang = samples.check("a.b", "fail", because="no"), samples.check("a.b", "hang", because="no")
    runs = [
        samples.results(fail, start_method="fork"),
        samples.results(fail, start_method="spawn"),
        samples.results(hang, start_method="forkserver"),
        samples.results(hang, backend="loky"),
    ]
    text = report_markdown(runs)
    assert text.startswith("## mpconform: 2 worse than expected\n"), "once for each backend"
    assert text.partition("### ")[2] == (
        f"""\
Worse than expected: 2

- fail [`a.b`]({DOC}) in 2 of 3 cells of `billiard`: `no`
- hang [`a.b`]({DOC}) in `billiard 4.2.1 · forkserver · CPython 3.11.4 · linux · edition 3.11`: `no`
- hang [`a.b`]({DOC}) in `loky 4.2.1 · spawn · CPython 3.11.4 · linux · edition 3.11`: `no`
"""
    )


def test_what_changed_comes_before_what_fails(samples):
    before = samples.results(samples.check("a.b"), samples.check("a.c", "fail"))
    after = samples.results(samples.check("a.b", "fail", because="no"), samples.check("a.c"))
    text = report_markdown([after], compare_sets([before], [after]))
    _, changed, worse = text.split("### ")
    assert changed == (
        "Since the earlier run: 1 worse, 1 better\n\n"
        f"- worse: pass → fail [`a.b`]({DOC}): `no`\n"
        f"- better: fail → pass [`a.c`]({DOC})\n\n"
    )
    assert worse.startswith("Worse than expected: 1\n")


def test_that_nothing_changed_is_told(samples):
    run = samples.results(samples.check("a.b"))
    assert report_markdown([run], compare_sets([run], [run])).endswith(
        ": all 1 as expected: 1 pass\n\n### Since the earlier run: nothing changed\n"
    )
    assert "Since" not in report_markdown([run])


def test_the_difference_of_two_runs(samples):
    before = samples.results(samples.check("a.b"), start_method="fork")
    after = samples.results(samples.check("a.b", "fail", because="no"))
    assert (
        difference_markdown([Comparison(before, after, compare(before, after))])
        == f"""\
## mpconform: 1 worse

- `billiard 4.2.1 · fork · CPython 3.11.4 · linux · edition 3.11` → \
`billiard 4.2.1 · spawn · CPython 3.11.4 · linux · edition 3.11`: 1 worse

### What changed

- worse: pass → fail [`a.b`]({DOC}): `no`
"""
    )


def test_a_run_that_was_ended_early_is_named(samples):
    title = "`billiard 4.2.1 · spawn · CPython 3.11.4 · linux · edition 3.11`"
    whole = samples.results(samples.check("a.b"))
    ended = samples.results(samples.check("a.b", "not-run"), ended="<b>no</b>\nmore")
    assert report_markdown([ended]) == (
        f"## mpconform: 1 did not run\n\n- {title}: 0 of 1 as expected; undecided: 1 not-run; "
        "the run was ended early: `<b>no</b>`; 1 test did not run\n"
    )
    text = difference_markdown([Comparison(whole, ended, compare(whole, ended))])
    assert text.startswith(
        "## mpconform: 1 vanished; 1 ended early after\n\n"
        f"- {title} → {title} (ended early): 1 vanished; 1 ended early after\n"
    )


@pytest.mark.parametrize(("cells", "requirements"), [(1, 200), (60, 1), (60, 30)])
def test_no_run_is_too_large(samples, cells, requirements):
    def runs(shift, standing):
        verdicts = ["pass", "fail", "hang", "crash", "leak"]
        found = []
        for cell in range(cells):
            checks = []
            for number in range(requirements):
                verdict = verdicts[(number + shift) % 5]
                checks.append(samples.check(f"a.n{number}", verdict, standing[(number + cell) % 3]))
            checks.append(samples.check("b", "not-applicable", because="did not arise: x"))
            found.append(samples.results(*checks, platform=f"p{cell}"))
        return found

    before, after = runs(0, ["expected"] * 3), runs(1, ["worse", "better", "expected"])
    comparisons = compare_sets([*before, samples.results(backend="gone")], [*after, samples.results(backend="new")])
    for text in (report_markdown(after, comparisons), difference_markdown(comparisons)):
        assert text.count("\n") <= LINES
        assert text.endswith("\n")
    if requirements == 200:
        assert "- … and " in text


def test_what_is_left_out_is_counted(samples):
    run = samples.results(*(samples.check(f"a.n{number}", "fail") for number in range(50)))
    lines = report_markdown([run]).splitlines()
    shown = [line for line in lines if line.startswith("- fail ")]
    assert lines[-1] == f"- … and {50 - len(shown)} more"


@pytest.mark.parametrize("text", HOSTILE)
def test_code_shows_the_first_line_and_does_nothing_else(text):
    [token] = inline(f"- {code(text)}")[0]
    assert token.type == "code_inline"
    shown = {HOSTILE[4]: "one", HOSTILE[5]: "red\\x1b]0;title\\x07\\u202e\\x00\\ud800"}.get(text, text.strip() or "?")
    assert token.content.strip() == shown


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert_wherever_it_comes_from(samples, text):
    check = samples.check(
        f"a.{text}", "fail", because=text, title=text, doc=f"{text}x", expectation=known("hang") | {"reason": text}
    )
    better = samples.check(f"b.{text}", "pass", "better", expectation=known("hang") | {"reason": text, "link": text})
    changes = {"backend": text, "backend_version": text, "start_method": text, "platform": text, "edition": text}
    before = [samples.results(**changes), samples.results()]
    after = [samples.results(check, better, selection=text, **changes), samples.results(samples.check("a.b"))]
    comparisons = compare_sets(before, after)
    for markdown in (report_markdown(after, comparisons), difference_markdown(comparisons)):
        tokens, blocks = inline(markdown)
        assert {token.type for token in tokens} <= {"text", "code_inline", "link_open", "link_close", "softbreak"}
        assert blocks <= {f"{name}_{end}" for name in ("heading", "bullet_list", "list_item", "paragraph")
                          for end in ("open", "close")} | {"inline"}  # fmt: skip
        links = {token.attrs["href"] for token in tokens if token.type == "link_open"}
        assert links, "nothing leads to the documentation"
        assert all(link.startswith("https://docs.python.org/3") for link in links), links
        plain = "".join(token.content for token in tokens if token.type == "text")
        assert not set(plain) & set("`|<>@#~_*&\x1b\x00"), plain
        assert "evil" not in plain
        assert markdown.count("\n") <= LINES
        markdown.encode()


def test_what_was_never_tried_is_one_line(samples):
    checks = [samples.check(f"a.b.{n}", "not-applicable", because=f"did not arise: {n}") for n in range(7)]
    *_, blank, line = report_markdown([samples.results(*checks)]).splitlines()
    assert blank == ""
    named = ", ".join(f"`a.b.{n}`" for n in range(5))
    assert line == f"Never tried, because what it takes did not arise in any cell: {named} and 2 more"
