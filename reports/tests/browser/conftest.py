"""A real browser for the tests of the site: the Chromium of the system, with no network.

Where there is none these tests are skipped, but not in CI, where the environment variable ``CI`` is set: they fail.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mpreports.comparison import compare_sets
from mpreports.site import write_site
from mpreports.teeth import read_teeth

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDE = {"width": 1280, "height": 900}


def chromium() -> str | None:
    """Return where the browser is."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def unavailable(why: str) -> None:
    """Skip the test, or fail it in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{why}: the site is not tested in a browser, and in CI it must be")
    pytest.skip(f"{why}: the site is not tested in a browser")


@pytest.fixture(scope="module")  # not longer: other tests look at the processes and the event loop of this one
def browser() -> Iterator[Browser]:
    if sys.platform != "linux":
        pytest.skip("the site is tested in a browser on Linux")
    path = chromium()
    if path is None:
        unavailable("there is no chromium (apt-get install chromium, or name one in the variable CHROMIUM)")
        raise AssertionError
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Without its own sandbox, which root may not use: what it opens is what the tests wrote.
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


class Visitor:
    """One tab, which fails the test if the page asks for anything but files or reports an error."""

    def __init__(self, browser: Browser, folder: Path, **options: object) -> None:
        self.folder = folder
        self.context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **options})  # type: ignore[arg-type]
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("request", lambda request: self.note(request.url))
        self.page.on("console", lambda message: self.troubles.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def note(self, url: str) -> None:
        if not url.startswith(("file:", "data:,")):
            self.troubles.append(f"request: {url}")

    def open(self, path: str = "index.html") -> Page:
        """Open a page of the site, which may be one that is open already."""
        name, hash_, fragment = path.partition("#")
        self.page.goto((self.folder / name).absolute().as_uri() + hash_ + fragment)
        return self.page

    def close(self) -> None:
        self.context.close()
        assert not self.troubles, f"while it was open: {self.troubles}"


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    visitors = []

    def come(folder: Path, **options: object) -> Visitor:
        visitors.append(Visitor(browser, folder, **options))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.close()


@pytest.fixture(scope="session")
def site(shared_samples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of three cells: two of billiard, with all verdicts, and one of the standard library."""
    make, check = shared_samples, shared_samples.check
    good = make.results(
        check("process.join.returns-none"),
        check("process.start.runs-run"),
        check("process.kill.ends-it"),
        check("queue.put.blocks"),
        check("pool.close.twice", "observed", observation="raises", because=""),
        check("pool.map.lists"),
        check("pool.imap.is-lazy", level="may"),
        backend="stdlib", backend_version="3.12.1", python="3.12.1",
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("small")
    runs = [make.mixed(), make.mixed(start_method="fork"), good]
    (folder / "teeth.json").write_text(json.dumps(make.account()))
    teeth = read_teeth(folder / "teeth.json")
    write_site(runs, folder, compare_sets([make.mixed(backend_version="4.1")], runs), teeth)
    return folder


@pytest.fixture(scope="session")
def large_site(shared_samples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of twelve cells and four hundred requirements, so that columns are narrow and there is much to scroll."""
    make = shared_samples
    runs = []
    for backend in ("stdlib", "multiprocess"):
        for python in ("3.10.13", "3.13.0"):
            for method in ("fork", "spawn", "forkserver"):
                checks = []
                for number in range(400):
                    id_ = f"section{number // 50}.call.promise-{number}"
                    deviates = number % 40 == 7 and backend == "multiprocess"
                    checks.append(make.check(id_, "fail" if deviates else "pass"))
                runs.append(make.results(*checks, backend=backend, python=python, start_method=method))
    folder = tmp_path_factory.mktemp("large")
    write_site(runs, folder)
    return folder


@pytest.fixture(scope="session")
def hostile_site(shared_samples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site made of nothing but hostile text."""
    text = (
        "</pre></td></title><script>alert(1)</script><img src=https://example.org/x onerror=alert(1)>"
        "<style>body { display: none }</style><link rel=stylesheet href=https://example.org/y>"
        ' " onclick="alert(1)" style="x \' \x00\x1b[31mred\ud800 javascript:alert(1)'
    )
    folder = tmp_path_factory.mktemp("hostile")
    write_site([shared_samples.hostile(text), shared_samples.mixed()], folder)
    return folder
