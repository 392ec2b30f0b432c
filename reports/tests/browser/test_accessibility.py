"""No page breaks a rule of WCAG of level A or AA, as far as axe-core can tell."""

from __future__ import annotations

import pytest

PAGES = [
    "index.html",
    "index.html#backend=billiard&verdict=fail&fold=queue",
    "overview.html",
    "coverage.html",
    "method.html",
    "teeth.html",
    "backend/billiard.html",
    "requirement/process.start.runs-run.html",
    "requirement/process.join.returns-none.html",
    "requirement/pool.close.twice.html",
    "requirement/queue.full.tells.html",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]


def violations(page):
    """Return what axe finds, each in one line."""
    from axe_playwright_python.sync_playwright import Axe

    # Preloading would ask for the style sheet once more.
    found = Axe().run(page, options={"runOnly": RULES, "preload": False}).response
    assert found["passes"], "axe has checked nothing"
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (400, "dark")])
@pytest.mark.parametrize("path", PAGES)
def test_no_rule_is_broken(visit, site, path, width, scheme):
    page = visit(site, viewport={"width": width, "height": 900}, color_scheme=scheme).open(path)
    page.evaluate("() => { for (const one of document.querySelectorAll('main section details')) one.open = true; }")
    assert violations(page) == []


def test_no_rule_is_broken_where_there_are_many_cells_and_a_list_is_open(visit, large_site):
    page = visit(large_site).open()
    page.click(".facet[data-key=section] summary")
    assert violations(page) == []


def test_axe_finds_what_is_wrong(visit, site):
    page = visit(site).open("method.html")
    page.evaluate("() => { document.querySelector('main').insertAdjacentHTML('beforeend', '<input>'); }")
    assert len(violations(page)) == 1
