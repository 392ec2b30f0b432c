"""Makes the pages: templates, and what keeps the text in them inert.

Results hold hostile text. Four things keep it from doing anything in a page: every value that a template shows goes
through :func:`fit`, every value is escaped by the template engine, only what ``safe_link`` lets pass becomes an
address, and the pages forbid the browser every script and style that is not a file of the site's own.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from mpreports.comparison import KINDS, Comparison
from mpreports.links import safe_link
from mpreports.site import charts
from mpreports.site.backends import build_backend
from mpreports.site.evidence import answers, groups
from mpreports.site.model import COVERAGE, Site, deviating, scored, some_cells
from mpreports.summary import title_of
from mpreports.teeth import Teeth, caught
from mpreports.text import one_line, plain
from mpreports.verdicts import DEVIATIONS, SCORED, UNEXPECTED, Verdict

LIMIT = 64 * 1024
"""How many characters of one text a page shows: as many as a results file holds of it, if it was written by us."""


def render(site: Site, comparisons: Sequence[Comparison], teeth: Teeth | None = None) -> Iterator[tuple[str, str]]:
    """Yield the files of the site, one by one: the path in its folder and the text."""
    environment = _environment()
    shared = {"site": site, "compared": bool(comparisons), "teeth": teeth}

    def page(template: str, path: str, **values: Any) -> tuple[str, str]:
        root = "../" * path.count("/")
        return path, environment.get_template(template).render(shared, root=root, path=path, **values)

    yield page("index.html.jinja", "index.html")
    yield page("overview.html.jinja", "overview.html")
    yield page("coverage.html.jinja", "coverage.html")
    yield page("method.html.jinja", "method.html")
    pages = {row.entry["id"]: row.slug for row in site.rows}
    if teeth is not None:
        yield page("teeth.html.jinja", "teeth.html", pages=pages, noticed=teeth.noticed(pages))
    for name, slug in site.backends.items():
        backend = build_backend(name, site, comparisons)
        yield page("backend.html.jinja", f"backend/{slug}.html", backend=backend, pages=pages)
    for section in site.sections:
        for row in section.rows:
            told = {"groups": groups(row, site.columns), "answers": answers(row, site.columns)}
            yield page("requirement.html.jinja", f"requirement/{row.slug}.html", section=section, row=row, **told)
    for name in ("site.css", "site.js"):
        yield name, (files("mpreports") / "static" / name).read_text("utf-8")


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mpreports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "Verdict": Verdict,
        "DEVIATIONS": DEVIATIONS,
        "SCORED": SCORED,
        "UNEXPECTED": UNEXPECTED,
        "KINDS": KINDS,
        "COVERAGE": COVERAGE,
        "parts": charts.parts,
        "described": charts.described,
        "deviating": deviating,
        "scored": scored,
        "some_cells": some_cells,
        "safe_link": safe_link,
        "caught": caught,
    }
    environment.filters |= {"one_line": one_line, "dotted": _dotted, "title_of": title_of}
    return environment


def _dotted(id_: str) -> Markup:
    """Return the id of a requirement such that a narrow column breaks it at its dots."""
    return Markup(str(escape(one_line(id_))).replace(".", ".<wbr>"))


def _finalize(value: Any) -> Any:
    """Make every text that a template shows fit to be shown; this comes before the escaping."""
    # Markup is what a macro of a template returns: its values have been through here already.
    return fit(value) if type(value) is str else value


def fit(text: str) -> str:
    """Return the text plain, and with its middle cut if it is longer than the limit."""
    if len(text) > LIMIT:
        half = LIMIT // 2
        text = f"{text[:half]}\n[… {len(text) - 2 * half} characters cut …]\n{text[-half:]}"
    return plain(text)
