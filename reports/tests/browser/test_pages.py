"""The other pages in a real browser: the copy button, hostile content, narrow screens."""

from __future__ import annotations

import subprocess
import sys

import pytest

NARROW = {"width": 400, "height": 800}
SCRIPT = "import billiard as mp\nprint(mp.Process)\n"
FAILURE = "requirement/process.start.runs-run.html"


def test_the_script_is_copied(visit, site):
    visitor = visit(site)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.open(FAILURE)
    page.click("button.copy")
    page.wait_for_selector("button.copy:text-is('Copied')")
    assert page.evaluate("navigator.clipboard.readText()") == SCRIPT


def test_the_script_is_copied_where_pages_have_no_clipboard(visit, site):
    visitor = visit(site)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.open(FAILURE)
    page.evaluate("window.kept = navigator.clipboard")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.click("button.copy")
    page.wait_for_selector("button.copy:text-is('Copied')")
    assert page.evaluate("kept.readText()") == SCRIPT


def test_where_nothing_can_be_copied_the_button_says_so(visit, site):
    page = visit(site).open(FAILURE)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.evaluate("document.execCommand = () => false")
    page.click("button.copy")
    page.wait_for_selector("button.copy:text-is('Select it and copy it by hand')")
    assert page.evaluate("getSelection().toString()") == SCRIPT.rstrip()


def test_without_scripts_there_is_no_button_and_the_dossier_opens(visit, site):
    page = visit(site, java_script_enabled=False).open(FAILURE)
    assert page.is_hidden("button.copy")
    assert page.is_visible("text=print(mp.Process)")
    assert page.is_hidden("text=AssertionError: join() returned 0")
    page.click("summary:text-is('traceback')")
    assert page.is_visible("text=AssertionError: join() returned 0")


def test_from_the_matrix_to_a_script_that_runs(visit, site, tmp_path):
    visitor = visit(site)
    page = visitor.open("index.html#verdict=fail&standing=worse")
    page.click("#process tbody tr:visible td a >> nth=0")
    page.wait_for_url("**/requirement/*.html#*")
    script = tmp_path / "show.py"
    script.write_text(page.locator("pre[id^=script]").evaluate("(element) => element.textContent"))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Process" in done.stdout


def test_hostile_content_does_nothing(visit, hostile_site):
    visitor = visit(hostile_site)
    for path in sorted(hostile_site.rglob("*.html")):
        page = visitor.open(path.relative_to(hostile_site).as_posix())
        assert page.locator("img, iframe, object, style").count() == 0
        assert page.locator("script").count() == 1
        assert page.is_visible("main"), f"{path}: the page is hidden"
        if page.locator("#filter").count():
            page.fill("#text", "alert")
            for facet in page.locator(".facet").all():
                facet.locator("summary").click()
                facet.locator("input").first.check()
    # Whoever brings a script into the page after all cannot run it.
    page = visitor.open("index.html")
    page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "window.ran = 1";
      document.body.append(script);
    }""")
    assert page.evaluate("window.ran") is None, "an inline script runs"
    assert any("Content Security Policy" in trouble for trouble in visitor.troubles)
    visitor.troubles.clear()


@pytest.mark.parametrize("kind", ["site", "large_site", "hostile_site"])
def test_a_narrow_screen_is_not_scrolled_sideways(visit, request, kind):
    folder = request.getfixturevalue(kind)
    visitor = visit(folder, viewport=NARROW)
    paths = sorted(folder.glob("*.html")) + sorted(folder.glob("*/*.html"))[:20]
    for path in paths:
        page = visitor.open(path.relative_to(folder).as_posix())
        page.evaluate("() => { for (const one of document.querySelectorAll('main details')) one.open = true; }")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROW["width"], f"{path.name} is {width} pixels wide"


@pytest.mark.parametrize("path", ["overview.html", "backend/billiard.html"])
def test_on_a_narrow_screen_a_run_is_told_of_without_scrolling(visit, site, path):
    table = visit(site, viewport=NARROW).open(path).locator(".scroll:has(.runs)")
    hidden = table.evaluate("(element) => element.scrollWidth - element.clientWidth")
    assert hidden == 0, f"{hidden} pixels are out of view"
