"""Take the picture of the site that the README of the project shows.

    python reports/picture.py results/{stdlib,billiard}-*.jsonl

The results say what is on it: those of two backends under each start method look best. Needs the ``dev`` extra and a
Chromium, as the tests in a browser do.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from mpreports.results import read_results
from mpreports.site import write_site

PICTURE = Path(__file__).parents[1] / "docs" / "page.png"


def main() -> None:
    """Write a site about the results, and take a picture of the requirements whose verdicts differ."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = write_site([read_results(Path(name)) for name in sys.argv[1:]], Path(folder))
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
        tab.goto(f"{page.as_uri()}#differs=yes")
        tab.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
