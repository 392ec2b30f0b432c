"""The matrix in a real browser: filters, search, folding, permalinks, history, the keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

ALL = 15
"""Requirements of the small site."""

STATE = """() => {
  const seen = (elements) => [...elements].filter((element) => element.checkVisibility());
  const rows = seen(document.querySelectorAll("#matrix tbody tr"));
  const heads = document.querySelector("#matrix details:not([hidden]) tr.methods");
  return {
    rows: rows.map((row) => row.cells[0].querySelector("a").textContent),
    cells: rows.map((row) => seen(row.cells).slice(1).map((cell) => cell.textContent.trim())),
    heads: heads ? seen(heads.cells).map((head) => head.textContent) : [],
    shown: document.getElementById("shown").textContent,
  };
}"""


@pytest.fixture
def visitor(visit, site):
    return visit(site)


@pytest.fixture
def page(visitor):
    return visitor.open()


def state(page):
    return page.evaluate(STATE)


def rows(page):
    return state(page)["rows"]


def choose(page, facet, *labels):
    """Check or uncheck choices of a facet, as a person does, and close it."""
    page.click(f".facet[data-key={facet}] summary")
    for label in labels:
        page.click(f".facet[data-key={facet}] label:text-is('{label}')")
    page.keyboard.press("Escape")


def test_all_is_shown_at_first(page):
    found = state(page)
    assert len(found["rows"]) == ALL
    assert found["heads"] == ["spawn", "fork", "spawn"]
    assert found["cells"][0] == ["pass", "pass", "pass"]
    assert found["cells"][1] == ["fail, worse than expected", "fail, worse than expected", "pass"]
    assert found["shown"] == "15 of 15 requirements, 3 of 3 cells"
    assert page.is_hidden("#nothing")


def test_search_finds_words_of_ids_and_promises(page):
    page.fill("#text", "POOL  order")
    assert rows(page) == ["pool.map.keeps-order"]
    assert state(page)["shown"] == "1 of 15 requirements, 3 of 3 cells"
    page.fill("#text", "queue does what")
    assert len(rows(page)) == 5
    page.fill("#text", "nowhere")
    assert rows(page) == []
    assert page.is_visible("#nothing")


def test_columns_are_filtered(page):
    choose(page, "backend", "billiard")
    found = state(page)
    assert found["heads"] == ["spawn", "fork"]
    assert {len(cells) for cells in found["cells"]} == {2}
    assert page.inner_text("#matrix thead tr >> nth=0").split() == ["requirement", "billiard", "4.2.1"]
    choose(page, "method", "fork")
    assert state(page)["heads"] == ["fork"]
    assert page.get_attribute("#matrix thead th[scope=colgroup] >> nth=0", "colspan") == "1"
    choose(page, "backend", "billiard", "stdlib")
    found = state(page)
    assert found["heads"] == []
    assert found["shown"] == "15 of 15 requirements, 0 of 3 cells"


def test_rows_are_filtered_by_verdict(page):
    choose(page, "verdict", "☠ crash", "∞ hang")
    assert rows(page) == ["process.kill.ends-it", "process.exitcode.none-before"]
    choose(page, "backend", "stdlib")
    assert rows(page) == [], "a verdict counts in a cell that is not shown"
    choose(page, "verdict", "☠ crash", "∞ hang", "✓ pass")
    assert len(rows(page)) == 6


def test_rows_are_filtered_by_expectation(page):
    choose(page, "standing", "better")
    assert rows(page) == ["queue.empty.tells"]
    choose(page, "standing", "worse")
    choose(page, "verdict", "✓ pass")
    assert rows(page) == ["queue.empty.tells"], "the verdict and the standing are those of one cell"


def test_rows_are_filtered_by_section_and_level(page):
    choose(page, "section", "The pool section")
    assert len(rows(page)) == 6
    assert page.is_hidden("#process")
    choose(page, "section", "The pool section")
    choose(page, "level", "may")
    assert rows(page) == ["pool.imap.is-lazy"]


def test_rows_that_differ(page):
    page.check("#differs")
    assert rows(page) == ["process.start.runs-run", "process.kill.ends-it", "queue.put.blocks"], (
        "where nothing is promised or judged in a cell there is no difference"
    )
    choose(page, "backend", "billiard")
    assert rows(page) == []


def test_a_section_says_how_many_it_shows(page):
    assert page.inner_text("#queue summary") == "The queue section 5 requirements"
    choose(page, "verdict", "↯ leak")
    assert page.inner_text("#queue summary") == "The queue section 1 of 5 requirements"
    assert page.is_hidden("#pool")


def test_sections_fold(visitor, page):
    page.click("#queue summary")
    assert len(rows(page)) == ALL - 5
    expect(page).to_have_url(re.compile("#fold=queue$"))
    page.reload()
    assert len(rows(page)) == ALL - 5, "what was folded is not after a reload"
    page.click("#fold")
    assert rows(page) == []
    expect(page.locator("#fold")).to_have_text("Unfold all")
    page.click("#fold")
    assert len(rows(page)) == ALL
    expect(page).to_have_url(re.compile("index.html$"))


def test_the_address_is_the_view(visitor, visit, site, page):
    page.fill("#text", "does what")
    choose(page, "backend", "billiard")
    choose(page, "verdict", "✗ fail", "≈ flaky")
    page.click("#process summary")
    expect(page).to_have_url(re.compile("fold=process"))
    there = state(page)
    assert there["rows"] == ["queue.get.timeout", "queue.close.refuses-put"]
    fragment = page.url.partition("#")[2]
    elsewhere = visit(site).open(f"index.html#{fragment}")
    assert state(elsewhere) == there
    assert elsewhere.is_checked(".facet[data-key=verdict] input[value=flaky]")
    assert elsewhere.input_value("#text") == "does what"
    assert elsewhere.inner_text(".facet[data-key=verdict] summary") == "verdict (2)"


def test_addresses_that_mean_nothing_show_all(visitor):
    page = visitor.open("index.html#backend=none&unknown=1&fold=nowhere&verdict=%F0%9F%92%A9&=&text=")
    assert len(rows(page)) == ALL
    assert len(rows(visitor.open("index.html#main"))) == ALL


def test_a_place_on_the_page_is_no_view(visitor):
    page = visitor.open("index.html#verdict=hang")
    page.locator(".skip").press("Enter")
    expect(page).to_have_url(re.compile("#main$"))
    assert rows(page) == ["process.kill.ends-it"]
    page.go_back()
    assert rows(page) == ["process.kill.ends-it"]


def test_back_and_forward(page):
    choose(page, "verdict", "∞ hang")
    page.keyboard.press("Tab")
    page.locator("#text").press_sequentially("kill")
    page.check("#differs")
    steps = [state(page)]
    for _ in range(3):
        page.go_back()
        steps.append(state(page))
    assert [len(step["rows"]) for step in steps] == [1, 1, 1, ALL]
    assert page.url.endswith("/index.html")
    assert not page.is_checked("#differs")
    assert page.input_value("#text") == "", "a word that was typed took more than one step back"
    for step in steps[-2::-1]:
        page.go_forward()
        assert state(page) == step
    assert page.is_checked("#differs")
    assert page.input_value("#text") == "kill"


def test_a_link_within_the_site_changes_the_view(visitor):
    page = visitor.open("backend/billiard.html")
    page.click("text=where it deviates")
    assert len(rows(page)) == 6
    page.go_back()
    assert page.url.endswith("billiard.html")


def test_show_all_clears_everything(visitor):
    page = visitor.open("index.html#text=kill&backend=stdlib&differs=yes")
    assert rows(page) == []
    page.click("text=Show all")
    expect(page).to_have_url(re.compile("index.html$"))
    assert len(rows(page)) == ALL
    assert page.inner_text(".facet[data-key=backend] summary") == "backend"


def focused(page):
    return page.evaluate(
        "() => document.activeElement.textContent.trim() || document.activeElement.id || document.activeElement.value"
    )


def test_with_the_keyboard_only(page):
    press = page.keyboard.press
    press("Tab")
    assert focused(page) == "skip to the content"
    press("Enter")
    for _ in range(20):
        press("Tab")
        if focused(page) == "text":
            break
    page.keyboard.type("a")
    press("Backspace")
    press("Tab")
    assert focused(page) == "backend"
    press("Enter")
    press("Tab")
    press("Tab")
    press("Space")
    assert state(page)["heads"] == ["spawn"], "the second backend is not chosen"
    press("Escape")
    assert focused(page) == "backend (1)", "the focus is lost"
    assert page.locator(".facet[open]").count() == 0
    for _ in range(20):
        press("Tab")
        if page.evaluate("document.activeElement.id") == "matrix":
            break
    press("Tab")
    assert focused(page).startswith("The process section")
    press("Enter")
    assert len(rows(page)) == ALL - 4
    press("Enter")
    press("Tab")
    press("Enter")
    page.wait_for_url("**/requirement/process.join.returns-none.html")


def test_the_focus_is_seen(page):
    page.keyboard.press("Tab")
    for _ in range(40):
        page.keyboard.press("Tab")
        width, style = page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement); return [s.outlineWidth, s.outlineStyle]; }"
        )
        assert (width, style) == ("3px", "solid"), f"no ring around {focused(page)!r}"


def test_a_click_anywhere_in_a_cell_leads_to_its_failure(page):
    page.click("#process tbody tr:nth-child(2) td >> nth=1", position={"x": 60, "y": 4})
    page.wait_for_url("**/requirement/process.start.runs-run.html#billiard-4.2.1-fork-3.11.4-linux")
    assert page.locator(":target").inner_text() == "billiard 4.2.1, fork, 3.11.4, linux"
    page.go_back()
    page.click("#process tbody tr:nth-child(1) td >> nth=0", position={"x": 60, "y": 4})
    page.wait_for_url("**/requirement/process.join.returns-none.html")


def test_verdicts_are_words_for_whoever_listens(page):
    row = page.get_by_role("row").filter(has_text="process.start.runs-run")
    assert row.get_by_role("cell").all_inner_texts() == ["fail, worse than expected"] * 2 + ["pass"]
    assert row.get_by_role("rowheader").count() == 1
    table = page.get_by_role("table", name="The process section")
    assert table.get_by_role("columnheader").count() >= 7


# Many cells


def test_signs_alone_are_seen_where_there_are_many_cells(visit, large_site):
    page = visit(large_site).open()
    cell = page.locator("#section0 tbody tr:nth-child(8) td").nth(8)
    sign = cell.evaluate("(cell) => getComputedStyle(cell, '::before').content")
    assert sign.startswith('"✗"')
    assert cell.inner_text() == "fail, worse than expected"
    assert cell.evaluate("(cell) => cell.getBoundingClientRect().width") < 40
    cell.click()
    page.wait_for_url("**/requirement/section0.call.promise-7.html#multiprocess*")
    page.go_back()
    page.locator("#section0 tbody tr:nth-child(8) td a").nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/requirement/section0.call.promise-7.html#multiprocess*")


def test_words_are_seen_again_where_few_cells_are_left(visit, large_site):
    page = visit(large_site).open("index.html#backend=stdlib")
    assert "few" in page.get_attribute("#matrix", "class").split()
    assert page.locator("#section0 tbody td").first.evaluate("(cell) => cell.getBoundingClientRect().width") > 80


@pytest.mark.parametrize("fragment", ["", "#backend=stdlib", "#method=spawn&python=3.13"])
def test_heads_stand_over_their_columns_and_stay_in_view(visit, large_site, fragment):
    page = visit(large_site).open(f"index.html{fragment}")
    top, heads, cells, name = page.evaluate("""() => {
      const matrix = document.getElementById("matrix");
      matrix.scrollTop = 900;
      const row = document.querySelector("#section0 tbody tr:nth-child(30)");
      const seen = (element) => element.checkVisibility();
      const edges = (element) => {
        const box = element.getBoundingClientRect();
        return [Math.round(box.left), Math.round(box.right)];
      };
      const head = document.querySelector("#section0 thead").getBoundingClientRect();
      return [head.top - matrix.getBoundingClientRect().top,
        [...document.querySelectorAll("#section0 tr.methods th")].filter(seen).map(edges),
        [...row.cells].slice(1).filter(seen).map(edges),
        row.cells[0].getBoundingClientRect().left - matrix.getBoundingClientRect().left];
    }""")
    assert abs(top) <= 1, "the heads are scrolled away"
    assert heads == cells, "the heads are not over their columns"
    assert name == 0


def test_names_stay_in_view_when_it_is_scrolled_sideways(visit, large_site):
    page = visit(large_site, viewport={"width": 400, "height": 700}).open()
    left = page.evaluate("""() => {
      const matrix = document.getElementById("matrix");
      matrix.scrollLeft = 100;
      const name = document.querySelector("#section0 tbody th");
      return [matrix.scrollLeft, name.getBoundingClientRect().left - matrix.getBoundingClientRect().left];
    }""")
    assert left == [100, 0]


# Without a script, in other lights, on paper


def test_the_matrix_can_be_read_without_scripts(visit, site):
    page = visit(site, java_script_enabled=False).open()
    assert page.is_hidden("#filter")
    text = page.inner_text("#matrix")
    assert "fail, worse than expected" in text
    assert "not judged" in text
    page.click("#process summary")
    assert page.is_hidden("text=process.join.returns-none >> nth=0")


def test_dark_and_light(visit, site):
    def lights(scheme):
        page = visit(site, color_scheme=scheme).open()
        return page.evaluate("""() => {
          const sum = (colour) => colour.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0);
          const style = (selector) => getComputedStyle(document.querySelector(selector));
          const page = style("html");
          return [sum(page.backgroundColor), sum(page.color), sum(style("#matrix thead th").backgroundColor)];
        }""")

    paper, ink, head = lights("light")
    assert paper > 700 > 200 > ink
    assert head > 600
    paper, ink, head = lights("dark")
    assert paper < 150 < 600 < ink
    assert head < 200


def test_on_paper_nothing_is_cut_off(visit, large_site):
    page = visit(large_site).open()
    page.emulate_media(media="print")
    assert page.is_hidden("#filter")
    assert page.is_hidden("nav")
    height, own = page.locator("#matrix").evaluate("(matrix) => [matrix.clientHeight, matrix.scrollHeight]")
    assert height == own
    last = page.locator("#matrix tbody tr").last
    assert last.evaluate("(row) => row.checkVisibility({ contentVisibilityAuto: true })"), (
        "what is out of sight is not laid out"
    )


def test_paper_is_light_and_no_narrow_screen(visit, site):
    page = visit(site, color_scheme="dark", viewport={"width": 700, "height": 1000}).open()
    assert page.is_hidden("#matrix tbody th p >> nth=0")
    page.emulate_media(media="print")
    assert page.is_visible("#matrix tbody th p >> nth=0")
    ink = page.evaluate("getComputedStyle(document.querySelector('h1')).color.match(/\\d+/g)")
    assert sum(map(int, ink)) < 200, f"the ink is rgb({', '.join(ink)})"
