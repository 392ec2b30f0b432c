"""The page: requirements by cells as one HTML file that stands alone and asks nothing of the network.

What the page shows is computed in :mod:`mpreports.view`; how, is in ``templates/page.html.jinja``.
Results hold hostile text. Three things keep it inert: every value goes through :func:`plain`, every
value is escaped by the template engine, and only what :func:`mpreports.view.safe_link` lets pass
becomes an address.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mpreports.results import Results
from mpreports.text import plain
from mpreports.view import build_page


def write_page(results: Sequence[Results], folder: Path) -> Path:
    """Write ``index.html`` about these runs into the folder, which is made if need be, and return its path.

    Raises ``OSError`` if it cannot be written; a page that was there before is then left as it was.
    """
    if not results:
        raise ValueError("a page is about at least one run")
    html = _render(results)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.html"
    beside = folder / f".index.html.{os.getpid()}"
    try:
        beside.write_text(html, encoding="utf-8", newline="\n")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _render(results: Sequence[Results]) -> str:
    environment = Environment(
        loader=PackageLoader("mpreports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.jinja").render(page=build_page(results))


def _finalize(value: Any) -> Any:
    """Make every text that the template shows fit to be shown; this comes before the escaping."""
    # Markup is what a macro of the template returns: its values have been through here already.
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
