"""The page: what it shows, that it stands alone, and that hostile text in it does nothing."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

import mpreports.page
from mpreports.page import write_page
from mpreports.verdicts import Verdict
from mpreports.view import build_page, documentation, safe_link

VOID = {"br", "input", "link", "meta"}


class Reader(HTMLParser):
    """Reads a page into what a test asks about: tags in order, links, all text, and the text of each id."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.ids = []
        self.hrefs = []
        self.attributes = []
        self.open = []
        self.text = ""
        self.texts = {}
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, [name for name, _ in attrs]))
        self.attributes.append((tag, attributes))
        if tag == "br":
            self.handle_data("\n")
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if "href" in attributes:
            self.hrefs.append(attributes["href"])
        if tag not in VOID:
            self.open.append((tag, attributes.get("id")))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0]}>"
        self.open.pop()

    def handle_data(self, data):
        self.text += data
        for _, id_ in self.open:
            if id_ is not None:
                self.texts[id_] = self.texts.get(id_, "") + data


def read(results, folder):
    path = write_page(results, folder)
    assert path == folder / "index.html"
    return Reader(path.read_text("utf-8"))


def test_every_link_within_the_page_leads_somewhere(samples, tmp_path):
    page = read([samples.mixed(), samples.mixed(start_method="fork")], tmp_path)
    assert len(set(page.ids)) == len(page.ids), "two elements have the same id"
    for href in page.hrefs:
        assert not href.startswith("#") or href[1:] in page.ids, f"{href} leads nowhere"


def test_every_verdict_is_linked_to_its_details(samples, tmp_path):
    results = samples.mixed()
    page = read([results], tmp_path)
    for entry in results.requirements:
        anchor = f"{entry['id']}--billiard-spawn-3.11.4-linux"
        assert f"#{anchor}" in page.hrefs, f"nothing links to the details of {entry['id']}"
        assert f"{entry['verdict'].sign} {entry['verdict']}" in page.texts[anchor]
        for text in (entry["says"], entry["doc"], entry["level"], entry["check"]):
            assert text in page.texts[entry["id"]]


def test_the_details_of_a_failure_are_complete(samples, tmp_path):
    page = read([samples.mixed()], tmp_path)
    text = page.texts["process.start.runs-run--billiard-spawn-3.11.4-linux"]
    for part in (
        "worse than expected",
        "start() returned 0; promised: None\nmore of it",
        "traceback",
        "AssertionError: join() returned 0",
        "stack of process 4711: python -c child",
        'File "tests.py", line 3, in wait',
        "left behind: processes",
        "4712 sleeping",
        "7 -> pipe",
        "standard output",
        "hello\n",
        "standard error",
        "warning: slow\n",
        "reproducer",
        "import billiard as mp\nprint(mp.Process)\n",
    ):
        assert part in text, f"{part!r} is not in the details"
    assert "left behind: threads" not in text, "an empty part of the ledger is shown"


def test_attempts_and_observations_are_shown(samples, tmp_path):
    flaky = samples.check("a.b.c", "flaky")
    flaky[0]["attempts"] = [
        {"verdict": "fail", "seconds": 1.5, "message": "first"},
        {"verdict": "pass", "seconds": 0.5, "message": ""},
    ]
    page = read([samples.results(flaky, samples.check("a.b.d", "observed", observation="returns 3"))], tmp_path)
    text = " ".join(page.texts["a.b.c"].split())
    assert "attempt 1: ✗ fail, 1.500 s: first attempt 2: ✓ pass, 0.500 s" in text
    assert "observed: returns 3" in page.texts["a.b.d"]


def test_an_expectation_is_shown_with_its_link(samples, tmp_path):
    page = read([samples.mixed()], tmp_path)
    text = " ".join(page.texts["queue.close.refuses-put"].split())
    assert "✗ fail, expected" in text
    assert "expected fail: put() after close() is ignored (https://example.org/issues/1)" in text
    assert "https://example.org/issues/1" in page.hrefs


def test_only_what_did_not_run_or_is_not_there_is_said_to_be_so(samples, tmp_path):
    few = samples.results(samples.check("a.b.c"), start_method="fork")
    page = read([samples.results(samples.check("a.b.c"), samples.check("a.b.d", "not-run")), few], tmp_path)
    matrix = " ".join(page.text.split())
    assert "a.b.d a.b.d does what it should. □ not-run not in these results" in matrix
    assert "1 of 2 as expected: 1 pass; did not run: 1 not-run" in matrix


def test_a_selection_is_told(samples, tmp_path):
    page = read([samples.results(samples.check("a.b.c"), selection="-k queue")], tmp_path)
    assert "only a part of the suite was chosen: -k queue" in page.text


def test_rows_are_in_the_order_of_the_results_that_hold_most(samples):
    few = samples.results(samples.check("b.x.y"), samples.check("z.x.y"))
    most = samples.results(samples.check("a.x.y"), samples.check("b.w.y"), samples.check("b.x.y"))
    page = build_page([few, most])
    assert [[row.entry["id"] for row in section.rows] for section in page.sections] == [
        ["a.x.y"],
        ["b.w.y", "b.x.y"],
        ["z.x.y"],
    ]
    assert [cell.results for cell in page.cells] == [few, most], "the cells are not in the order given"
    assert [judgement is None for judgement in page.sections[0].rows[0].judgements] == [True, False]


def test_what_the_filters_look_at(samples):
    rows = [row for section in build_page([samples.mixed()]).sections for row in section.rows]
    kept = {row.entry["id"] for row in rows if not row.deviates}
    assert kept == {
        "process.join.returns-none",
        "queue.full.tells",
        "pool.map.keeps-order",
        "pool.map.lists",
        "pool.close.twice",
        "pool.fast",
        "pool.join",
    }
    for row in rows:
        for part in (row.entry["id"], row.entry["says"], row.entry["verdict"]):
            assert part.lower() in row.find


def test_two_runs_of_one_cell_and_ids_of_one_shape_are_told_apart(samples, tmp_path):
    same = samples.check("a.b c"), samples.check("a.b-c"), samples.check("page:filter"), samples.check("---")
    page = read([samples.results(*same), samples.results(*same)], tmp_path)
    assert len(set(page.ids)) == len(page.ids), "two elements have the same id"
    assert "a.b-c--billiard-spawn-3.11.4-linux-2" in page.ids


# It stands alone


def test_nothing_is_fetched(samples, tmp_path):
    page = read([samples.mixed()], tmp_path)
    for tag, attributes in page.attributes:
        fetched = {"src", "srcset", "action", "formaction", "data", "poster", "background"} & set(attributes)
        assert not fetched, f"<{tag}> fetches {fetched}"
        if tag == "link":
            assert attributes["href"] == "data:,"
    html = (tmp_path / "index.html").read_text("utf-8")
    assert "url(" not in html
    assert "@import" not in html


# Hostile text

HOSTILE = (
    "</pre></style></script><script>alert(1)</script><img src=x onerror='alert(1)'>"
    ' " onclick="alert(1) \' \x00\ud800{{ 6007*6007 }}'
)


def hostile_run(samples, text):
    """Return results in which every text is this one, or begins with it where two must differ."""
    dossier = {
        "stacks": [{"pid": 1, "command": text, "stack": text}],
        "ledger": {"processes": [text], "threads": [text], "descriptors": [text], "files": [text]},
        "output": {"stdout": text, "stderr": text},
        "traceback": text,
        "reproducer": text,
    }
    known = {"requirement": text, "verdict": "fail", "reason": text, "link": text}
    words = {"title": text, "says": text, "doc": text, "check": text, "section": text, "expectation": known}
    failed = samples.check(text, "fail", "worse", dossier=dossier, because=text, observation=text, **words)
    failed[0]["attempts"] = [{"verdict": "fail", "seconds": 1.0, "message": text}] * 2
    failed[0]["observation"] = text
    blocked = samples.check(text + "2", "blocked", because=text + "3", observation=text, **words)
    cell = dict.fromkeys(("backend", "backend_version", "start_method", "python", "implementation", "platform"), text)
    return samples.results(failed, blocked, suite=text, edition=text, started=text, selection=text, **cell)


def test_hostile_text_makes_no_element_and_no_attribute(samples, tmp_path):
    hostile = read([hostile_run(samples, HOSTILE)], tmp_path)
    benign = read([hostile_run(samples, "word")], tmp_path)
    assert hostile.tags == benign.tags, "data became a part of the page"
    assert [tag for tag, _ in hostile.tags].count("script") == 1
    events = [name for _, names in hostile.tags for name in names if name.startswith("on")]
    assert not events, f"event attributes: {events}"


def test_hostile_text_is_shown_as_it_is(samples, tmp_path):
    page = read([hostile_run(samples, HOSTILE)], tmp_path)
    shown = HOSTILE.replace("\x00", "\\x00").replace("\ud800", "\\ud800")
    assert page.text.count(shown) > 20
    assert str(6007 * 6007) not in page.text, "a text was taken for a template"


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
    page = read([samples.results(samples.check("a.b.c", "fail", "expected", expectation=known))], tmp_path)
    outside = [href for href in page.hrefs if not href.startswith(("#", "data:,", "https://docs.python.org/"))]
    assert not outside, f"{outside} is linked"
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


# Writing


def test_the_folder_is_made_and_the_page_replaced(samples, tmp_path):
    folder = tmp_path / "site" / "deep"
    write_page([samples.results(samples.check("a.b.c"))], folder)
    write_page([samples.results(samples.check("a.b.d"))], folder)
    assert "a.b.d" in (folder / "index.html").read_text("utf-8")
    assert [entry.name for entry in folder.iterdir()] == ["index.html"]


@pytest.mark.parametrize("step", ["rendering", "writing", "swapping"])
def test_a_failure_leaves_the_page_as_it_was(samples, tmp_path, monkeypatch, step):
    results = samples.results(samples.check("a.b.c"))
    folder = tmp_path / "site"
    before = write_page([results], folder).read_bytes()

    def fail(*_):
        raise OSError("no room")

    if step == "rendering":
        monkeypatch.setattr(mpreports.page, "build_page", fail)
    elif step == "writing":
        # What is written beside the page fails halfway: the text cannot be encoded.
        monkeypatch.setattr(mpreports.page, "_render", lambda _: "<html>\ud800")
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises((OSError, UnicodeEncodeError)):
        write_page([results], folder)
    assert (folder / "index.html").read_bytes() == before
    assert [entry.name for entry in folder.iterdir()] == ["index.html"], "something was left beside the page"


def test_a_page_about_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one run"):
        write_page([], tmp_path)


def test_all_verdicts_that_occur_are_explained(samples, tmp_path):
    page = read([samples.mixed()], tmp_path)
    for verdict in Verdict:
        assert verdict.meaning in page.text
