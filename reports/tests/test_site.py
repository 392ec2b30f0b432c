"""The site: what its pages say, that it stands alone, and that nothing in it leads nowhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest

from mpreports.comparison import compare_sets
from mpreports.links import documentation, safe_link, slug
from mpreports.results import ResultsError
from mpreports.site import write_site
from mpreports.site.charts import LEAST, parts
from mpreports.site.model import build_site
from mpreports.verdicts import Verdict


class Page(HTMLParser):
    """Reads a page into what a test asks about: tags in order, ids, links, and the text in one line."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.ids = []
        self.hrefs = []
        self.exact = ""
        self.feed(html)
        self.close()
        self.text = " ".join(self.exact.split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, [name for name, _ in attrs]))
        attributes = dict(attrs)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.hrefs += [attributes[name] for name in ("href", "src") if name in attributes]
        if tag in ("td", "th", "li", "p", "br", "dd", "dt", "span", "small"):
            self.exact += " "

    def handle_data(self, data):
        self.exact += data


def pages(results, folder, comparisons=()):
    """Write a site and return its pages by path."""
    first = write_site(results, folder, comparisons)
    assert first == folder / "index.html"
    return {
        path.relative_to(folder).as_posix(): Page(path.read_text("utf-8")) for path in sorted(folder.rglob("*.html"))
    }


def requirement(site, id_):
    return site[f"requirement/{id_}.html"].text


CELL = "billiard-4.2.1-spawn-3.11.4-linux"


def test_every_link_leads_somewhere(samples, tmp_path):
    runs = [samples.mixed(), samples.mixed(start_method="fork"), samples.mixed(backend="x")]
    before = [samples.results(samples.check("process.join.returns-none", "fail"), samples.check("gone.by.now"))]
    site = pages(runs, tmp_path, compare_sets(before, runs))
    for path, page in site.items():
        assert len(set(page.ids)) == len(page.ids), f"{path}: two elements have the same id"
        for href in page.hrefs:
            if href.startswith(("https:", "data:,")):
                continue
            parts = urlsplit(href)
            target = path
            if parts.path:
                target = PurePosixPath(path).parent / unquote(parts.path)
                target = (tmp_path / target).resolve().relative_to(tmp_path.resolve()).as_posix()
            assert (tmp_path / target).is_file(), f"{path}: {href} leads nowhere"
            if parts.fragment and "=" not in parts.fragment:
                assert parts.fragment in site[target].ids, f"{path}: {href} leads nowhere in its page"


def test_the_matrix_shows_every_verdict_in_its_cell(samples, tmp_path):
    few = samples.results(samples.check("process.join.returns-none"), start_method="fork")
    matrix = pages([samples.mixed(), few], tmp_path)["index.html"]
    for line in (
        "process.join.returns-none must process.join.returns-none does what it should. pass pass",
        "process.start.runs-run must process.start.runs-run does what it should. fail, worse than expected not judged",
        "queue.close.refuses-put must queue.close.refuses-put does what it should. fail not judged",
        "queue.empty.tells must queue.empty.tells does what it should. pass, better than expected not judged",
        "pool.close.twice must pool.close.twice does what it should. observed not judged",
        "deviations of all that is scored 3/4 0/1",
    ):
        assert line in matrix.text, f"{line!r} is not in the matrix"
    assert f"requirement/process.start.runs-run.html#{CELL}" in matrix.hrefs


def test_rows_are_in_the_order_of_the_results_that_hold_most(samples):
    few = samples.results(samples.check("b.x.y"), samples.check("z.x.y"), backend="few")
    most = samples.results(samples.check("a.x.y"), samples.check("b.w.y"), samples.check("b.x.y"))
    site = build_site([few, most])
    assert [[row.entry["id"] for row in section.rows] for section in site.sections] == [
        ["a.x.y"],
        ["b.w.y", "b.x.y"],
        ["z.x.y"],
    ]
    assert [column.results for column in site.columns] == [few, most], "the cells are not in the order given"
    assert [entry is None for entry in site.sections[0].rows[0].entries] == [True, False]


def test_cells_that_belong_together_stand_together_lower_versions_first(samples):
    check = samples.check("a.b.c")
    given = [
        samples.results(check, backend=backend, start_method=method, python=python)
        for method in ("spawn", "fork")
        for python in ("3.12.1", "3.9.9")
        for backend in ("x", "b")
    ]
    site = build_site(given)
    assert [(column.backend, column.python, column.method) for column in site.columns] == [
        (backend, python, method)
        for backend in ("x", "b")
        for python in ("3.9.9", "3.12.1")
        for method in ("spawn", "fork")
    ]
    assert [[head.span for head in line] for line in site.heads] == [[4, 4], [2] * 4, [1] * 8]
    assert [line.indexes for line in site.lines] == [[0, 1], [2, 3], [4, 5], [6, 7]]


def test_two_runs_of_one_cell_are_refused(samples, tmp_path):
    one, other = samples.mixed(), samples.mixed()
    with pytest.raises(ResultsError) as caught:
        write_site([one, other], tmp_path / "site")
    assert str(caught.value) == (
        f"{other.path}: is of the same cell as {one.path}: take one of them away, or compare the two with --compare"
    )
    assert caught.value.exit_status == 2
    assert not (tmp_path / "site").exists()
    write_site([one, samples.mixed(edition="3.7")], tmp_path / "site")


def test_a_site_about_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one run"):
        write_site([], tmp_path)


# A requirement's page


def test_a_requirement_is_told_whole(samples, tmp_path):
    text = requirement(pages([samples.mixed()], tmp_path), "process.join.returns-none")
    for part in (
        "process.join.returns-none does what it should.",
        "Section The process section",
        "Documentation multiprocessing.Process.join",
        "Level must",
        "Judged by edition 3.11",
        "check first what process.join.returns-none waits for",
        "pass in billiard 4.2.1, spawn, 3.11.4, linux",
        "test_process.join.returns-none.py::test",
    ):
        assert part in text, f"{part!r} is not in {text}"


def test_the_dossier_of_a_failure_is_complete(samples, tmp_path):
    page = pages([samples.mixed()], tmp_path)["requirement/process.start.runs-run.html"]
    for part in (
        "worse than expected",
        "start() returned 0; promised: None\nmore of it",
        "AssertionError: join() returned 0",
        "stack of process 4711: python -c child",
        'File "tests.py", line 3, in wait',
        "left behind: processes",
        "left behind: names in shared memory",
        "psm_1",
        "4712 sleeping",
        "7 -> pipe",
        "standard output",
        "hello\n",
        "standard error",
        "warning: slow\n",
        "import billiard as mp\nprint(mp.Process)\n",
    ):
        assert part in page.exact, f"{part!r} is not on the page"
    assert "left behind: threads" not in page.exact, "an empty part of the ledger is shown"
    assert CELL in page.ids, "a link to this cell's failure leads nowhere"


def test_every_cell_has_its_verdict(samples, tmp_path):
    runs = [
        samples.results(samples.check("a.b.c", verdict), start_method=method, backend=backend)
        for backend, method, verdict in (("x", "fork", "pass"), ("x", "spawn", "fail"), ("y", "spawn", "hang"))
    ]
    text = requirement(pages(runs, tmp_path), "a.b.c")
    assert (
        "backend Python platform fork spawn x 4.2.1 3.11.4 linux pass fail, worse than expected "
        "y 4.2.1 3.11.4 linux hang, worse than expected"
    ) in text


def failing(samples, method, **changes):
    return samples.results(samples.check("a.b.c", "fail", **changes), start_method=method)


def test_the_same_failure_in_several_cells_is_told_once(samples, tmp_path):
    runs = [
        failing(samples, "fork", because="process 17 at 0x7f00 is late"),
        failing(samples, "spawn", because="process 4 at 0x7fff is late"),
        failing(samples, "forkserver", because="process 5 is lost"),
    ]
    page = pages(runs, tmp_path)["requirement/a.b.c.html"]
    assert page.exact.count("process 17 at 0x7f00 is late") == 1
    assert "process 4 at" not in page.exact
    assert "process 5 is lost" in page.exact
    assert page.exact.count("import billiard as mp") == 1, "a script is shown twice"
    assert "The script that shows it on its own is further up" in page.text
    assert {f"billiard-4.2.1-{method}-3.11.4-linux" for method in ("fork", "spawn", "forkserver")} <= set(page.ids)


def test_expectations_that_differ_in_a_number_are_not_confused(samples, tmp_path):
    known = {"requirement": "a.*", "verdict": "fail", "reason": "slow", "link": "https://example.org/issues/1"}
    runs = [
        failing(samples, "fork", standing="expected", expectation=known),
        failing(samples, "spawn", standing="expected", expectation=known | {"link": "https://example.org/issues/2"}),
    ]
    site = pages(runs, tmp_path)
    for path in ("requirement/a.b.c.html", "backend/billiard.html"):
        assert {"https://example.org/issues/1", "https://example.org/issues/2"} <= set(site[path].hrefs)
    assert "fail, as expected: billiard" in site["requirement/a.b.c.html"].text
    assert "Expected is fail: slow (https://example.org/issues/1)" in site["requirement/a.b.c.html"].text


def test_attempts_are_shown_if_they_differ(samples, tmp_path):
    flaky, steady = samples.check("a.b.c", "flaky"), samples.check("a.b.d", "fail", because="took 3 s")
    flaky[0]["attempts"] = [
        {"verdict": "fail", "seconds": 1.5, "message": "first"},
        {"verdict": "pass", "seconds": 0.5, "message": ""},
    ]
    steady[0]["attempts"] = [{"verdict": "fail", "seconds": 1.0, "message": f"took {number} s"} for number in (2, 3)]
    site = pages([samples.results(flaky, steady)], tmp_path)
    assert "attempt 1: fail, 1.500 s: first attempt 2: pass, 0.500 s" in requirement(site, "a.b.c")
    assert "attempt" not in requirement(site, "a.b.d")


def test_a_test_of_several_requirements_is_told_of_with_what_it_says_of_each(samples, tmp_path):
    test, first = samples.check("a.b.c", "hang", because="second takes long")
    promises = {
        "a.b.c": {"verdict": "fail", "message": "first is 3"},
        "a.b.d": {"verdict": "hang", "message": "second takes long"},
        "a.b.e": {"verdict": "pass", "message": ""},
    }
    attempts = [{"verdict": "hang", "seconds": 1.0, "message": ""}] * 2
    test |= {"requirements": list(promises), "promises": promises, "attempts": attempts}
    first |= {"verdict": "fail", "because": "first is 3"}
    rest = [samples.check(id_, promises[id_]["verdict"], tests=[test["test"]])[1] for id_ in ("a.b.d", "a.b.e")]
    site = pages([samples.results([test, first], rest)], tmp_path)
    for id_, shown in {"a.b.c": "fail, 0.250 s first is 3", "a.b.d": "hang, 0.250 s second takes long"}.items():
        text = requirement(site, id_)
        assert f"test_a.b.c.py::test {shown}" in text
        assert "attempt" not in text
        assert "a script that shows it on its own" in text
        assert ("second takes long" in text) == (id_ == "a.b.d")
    assert "Reasons" not in requirement(site, "a.b.e")


def test_answers_stand_side_by_side(samples, tmp_path):
    runs = [
        samples.results(samples.check("a.b.c", "observed", observation=answer, because=""), backend=backend)
        for backend, answer in (("x", "returns 3"), ("y", "raises"), ("z", "returns 3"))
    ]
    text = requirement(pages(runs, tmp_path), "a.b.c")
    assert (
        "returns 3 x 4.2.1, spawn, 3.11.4, linux; z 4.2.1, spawn, 3.11.4, linux raises y 4.2.1, spawn, 3.11.4, linux"
    ) in text
    assert "Reasons" not in text


def test_cells_are_named_together_where_all_of_a_backend_are_meant(samples, tmp_path):
    def run(backend, method, answer="returns 3"):
        check = samples.check("a.b.c", "observed", observation=answer, because="")
        return samples.results(check, backend=backend, start_method=method)

    runs = [run("x", "fork"), run("x", "spawn"), *(run("y", method) for method in ("fork", "spawn", "forkserver"))]
    runs += [run("z", "fork", "raises"), run("z", "spawn"), run("alone", "spawn")]
    text = requirement(pages(runs, tmp_path), "a.b.c")
    assert (
        "returns 3 both cells of x; all 3 cells of y; z 4.2.1, spawn, 3.11.4, linux; alone 4.2.1, spawn, 3.11.4, linux "
        "raises z 4.2.1, fork, 3.11.4, linux"
    ) in text


def test_a_blocked_test_adds_nothing_to_the_reason(samples, tmp_path):
    blocked = samples.check("a.b.c", "blocked", because="needs a.b, which is fail")
    blocked[0]["message"] = "needs a.b, which is not met"
    text = requirement(pages([samples.results(blocked)], tmp_path), "a.b.c")
    assert "needs a.b, which is fail" in text
    assert "which is not met" not in text


def test_what_a_test_did_is_not_held_against_what_is_blocked(samples, tmp_path):
    test, entry = samples.check("a.b.c", "fail", because="returned 0")
    entry |= {"verdict": "blocked", "standing": "unscored", "because": "needs a.b, which is fail"}
    text = requirement(pages([samples.results([test, entry])], tmp_path), "a.b.c")
    assert "needs a.b, which is fail" in text
    assert "returned 0" not in text
    assert "script" not in text


def test_what_is_not_decided_says_why(samples, tmp_path):
    site = pages([samples.mixed()], tmp_path)
    for id_, why in {
        "queue.full.tells": "needs queue.put.blocks, which is leak",
        "pool.map.keeps-order": "the backend offers no pool",
        "pool.map.lists": "not on linux",
        "pool.fast": "fast is no number",
        "pool.join": "the run was stopped",
    }.items():
        assert why in requirement(site, id_)


# The other pages


def test_a_backend_tells_what_it_lacks_and_where_it_deviates(samples, tmp_path):
    runs = [samples.mixed(), samples.mixed(start_method="fork"), samples.results(samples.check("a.b.c"), backend="y")]
    site = pages(runs, tmp_path)
    text = site["backend/billiard.html"].text
    assert "the backend offers no pool: 1 requirements, both cells pool.map.keeps-order" in text
    assert "put() after close() is ignored (https://example.org/issues/1)" in text
    assert "fail queue.close.refuses-put" in text
    assert "pass better than expected queue.empty.tells" in text
    assert "Nothing is known of these fail worse than expected process.start.runs-run" in text
    assert "start() returned 0; promised: None" in text
    assert "a.b.c" not in text, "another backend is on the page"
    assert "What has changed" not in text
    assert "Nowhere, as far as it was judged." in site["backend/y.html"].text
    assert "its adapter names nothing that it does not offer" in site["backend/y.html"].text


def test_a_backend_tells_what_has_changed(samples, tmp_path):
    now = [
        samples.results(samples.check("a.b.c", "fail"), samples.check("a.b.d"), backend_version="4.3"),
        samples.results(samples.check("a.b.c"), start_method="fork"),
        samples.results(samples.check("a.b.c"), start_method="forkserver"),
    ]
    before = [
        samples.results(samples.check("a.b.c"), samples.check("a.b.d", "hang"), samples.check("a.b.e", "fail")),
        samples.results(samples.check("a.b.c"), start_method="fork"),
    ]
    before += [samples.results(python="3.10.1"), samples.results(backend="other")]
    before[0].footer["ended"] = "it was interrupted"
    text = pages(now, tmp_path, compare_sets(before, now))["backend/billiard.html"].text
    assert (
        "billiard 4.3, spawn, 3.11.4, linux "
        "Since the run of 2025-01-31T12:00:00Z with billiard 4.2.1, which was ended early: "
        "worse a.b.c: pass → fail better a.b.d: hang → pass vanished a.b.e: fail → not judged"
    ) in text
    assert text.count("Since the run of") == 1
    assert "Unchanged: billiard 4.2.1, fork, 3.11.4, linux." in text
    assert "Without an earlier run: billiard 4.2.1, forkserver, 3.11.4, linux." in text
    assert "Without a later run: billiard 4.2.1 · spawn · CPython 3.10.1 · linux · edition 3.11." in text
    assert "other" not in text


def test_the_overview_tells_of_each_run(samples, tmp_path):
    run = samples.mixed(selection="-k queue", ended="the time limit of 60 s\nand more")
    text = pages([run], tmp_path)["overview.html"].text
    for part in (
        "5 worse than expected, 1 better, 6 of 14 as expected",
        "only a part of the suite was chosen: -k queue",
        "the run was ended early: the time limit of 60 s; 1 test did not run",
        "edition 3.11, suite 0.1.0, 14 tests in 12 s, started 2025-01-31T12:00:00Z, seed 7",
        "The pool section 1 unsupported, 1 not-applicable, 1 observed, 1 untestable, 1 not-run",
        "The process section 1.0 s",
    ):
        assert part in text, f"{part!r} is not in {text}"


def test_a_part_of_the_suite_is_told_of_beside_the_matrix(samples, tmp_path):
    whole, part = samples.mixed(), samples.mixed(start_method="fork", selection="-k queue")
    assert "chosen in 1 of 2 cells" in pages([whole, part], tmp_path)["index.html"].text
    assert "chosen" not in pages([whole], tmp_path)["index.html"].text


def test_a_run_that_was_ended_early_is_told_of_beside_the_matrix_and_on_its_backend(samples, tmp_path):
    whole, ended = samples.mixed(), samples.mixed(start_method="fork", ended="it was interrupted")
    site = pages([whole, ended], tmp_path, compare_sets([ended], [samples.mixed(start_method="fork")]))
    assert "The run was ended early in 1 of 2 cells" in site["index.html"].text
    line = "the run was ended early: it was interrupted; 1 test did not run"
    assert site["backend/billiard.html"].text.count(line) == site["overview.html"].text.count(line) == 1
    for page in pages([whole], tmp_path).values():
        assert "ended early:" not in page.text
        assert "ended early in" not in page.text


def test_coverage_accounts_for_every_requirement(samples, tmp_path):
    results = samples.mixed()
    text = pages([results, samples.results(samples.check("pool.join"), backend="y")], tmp_path)["coverage.html"].text
    assert "The pool section 1 1 1 2 5" in text
    assert "all 9 1 1 3 14" in text
    for line in (
        "pool.close.twice must observed: the documentation leaves it open",
        "pool.fast must untestable: fast is no number",
        "pool.map.lists must undecided: not on linux",
        "pool.join must tested",
        "queue.full.tells must undecided: needs queue.put.blocks, which is leak",
    ):
        assert line in text, f"{line!r} is not in {text}"


def test_the_method_explains_every_verdict_and_gives_no_percentage(samples, tmp_path):
    site = pages([samples.mixed()], tmp_path)
    for verdict in Verdict:
        assert f"{verdict} {verdict.meaning}" in site["method.html"].text
    for path, page in site.items():
        assert not re.search(r"\d\s?%", page.text), f"{path} shows a percentage"


def test_the_style_knows_the_sign_of_every_verdict():
    css = (Path(__file__).parent.parent / "mpreports" / "static" / "site.css").read_text("utf-8")
    for verdict in Verdict:
        rule = re.search(rf'^\.{verdict}::before[^{{]*{{ content: "(.)"; content: "(.)" / ""; }}$', css, re.MULTILINE)
        assert rule, f"no sign for {verdict}"
        assert set(rule.groups()) == {verdict.sign}


def test_nothing_moves():
    css = (Path(__file__).parent.parent / "mpreports" / "static" / "site.css").read_text("utf-8")
    for word in ("animation", "transition", "scroll-behavior"):
        assert word not in css, f"{word}: a page that moves must not for whoever asked for less motion"


def test_bars_show_the_least_part():
    bar = parts({Verdict.PASS: 9999, Verdict.OBSERVED: 5000, Verdict.FAIL: 1})
    assert [part.verdict for part in bar] == [Verdict.PASS, Verdict.FAIL, Verdict.OBSERVED]
    assert bar[1].width >= LEAST * 0.9
    assert bar[0].start == 0
    assert sum(part.width for part in bar) == pytest.approx(100, abs=0.5)
    assert bar[2].start == pytest.approx(bar[0].width + bar[1].width, abs=0.2)
    assert parts({}) == []


# Addresses


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JAVASCRIPT://x/%0aalert(1)",
        "data:text/html,x",
        "//example.org",
        "x",
        "https:x",
        "file:///x",
        " https://example.org",
        "https://example.org/\n",
        "https://exa\u202emple.org",
        "https://[",
        "",
        "java\tscript:x",
    ],
    ids=ascii,
)
def test_what_is_no_web_address_is_not_linked(samples, tmp_path, link):
    known = {"requirement": "a.*", "verdict": "fail", "reason": "r", "link": link}
    site = pages([samples.results(samples.check("a.b.c", "fail", "expected", expectation=known))], tmp_path)
    for path, page in site.items():
        assert link not in page.hrefs, f"{path} links to {link!a}"
    assert safe_link(link) is None


def test_web_addresses_are_linked():
    for link in ("https://example.org/a?b=c&d#e", "http://example.org:80/"):
        assert safe_link(link) == link


@pytest.mark.parametrize(
    ("doc", "edition", "address"),
    [
        ("multiprocessing.Process.join", "3.11", "3.11/library/multiprocessing.html#multiprocessing.Process.join"),
        ("multiprocessing#pipes-and-queues", "3.7", "3.7/library/multiprocessing.html#pipes-and-queues"),
        (
            "multiprocessing.shared_memory.SharedMemory",
            "3.8",
            "3.8/library/multiprocessing.shared_memory.html#multiprocessing.shared_memory.SharedMemory",
        ),
        ("x\"><'\ud800", "../evil", "3/library/multiprocessing.html#x%22%3E%3C%27%3F"),
        ("../../x#y", "3.11", "3.11/library/../../x.html#y"),
    ],
)
def test_documentation_addresses(doc, edition, address):
    assert documentation(doc, edition) == f"https://docs.python.org/{address}"


def test_what_other_documentation_makes_the_promise_is_told(samples, tmp_path):
    checks = samples.check("a.b.one", via="threading.Condition"), samples.check("a.b.two")
    site = pages([samples.results(*checks)], tmp_path / "site")
    page = site["requirement/a.b.one.html"]
    assert "Promised there only by reference to threading.Condition" in page.text
    assert "https://docs.python.org/3.11/library/threading.html#threading.Condition" in page.hrefs
    assert "by reference" not in requirement(site, "a.b.two")
    assert "a.b.one must, via threading.Condition" in site["index.html"].text
    assert "a.b.two must a.b.two" in site["index.html"].text


def test_what_was_never_tried_is_marked(samples, tmp_path):
    missed = samples.check("a.b.one", "not-applicable", because="did not arise: the moon is <full>")
    site = pages([samples.results(missed, samples.check("a.b.two"))], tmp_path / "site")
    assert "Never tried. What did not arise in any cell: the moon is <full>" in requirement(site, "a.b.one")
    assert "Never tried" not in requirement(site, "a.b.two")
    assert "Never tried, because what it takes did not arise in any cell: a.b.one." in site["index.html"].text
    assert "a.b.one must never tried" in site["index.html"].text
    assert "undecided: did not arise: the moon is <full>" in site["coverage.html"].text


def test_slugs_are_names_of_files_and_all_different():
    taken: set[str] = set()
    given = [
        "a.b.c-d",
        "a.b.c d",
        "A.B.c-d",
        "../../etc/passwd",
        "..",
        ".hidden",
        "",
        "a" * 5000,
        "a" * 5001,
        "\ud800\n",
    ]
    made = [slug(name, taken) for name in given]
    assert made[0] == "a.b.c-d"
    assert len({name.lower() for name in made}) == len(given)
    for name in made:
        assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,104}", name), f"{name!r} is no safe name"
