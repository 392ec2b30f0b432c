"""The site: requirements by cells as a folder of pages that asks nothing of the network.

==============  ==============================================================================
``model``       what the site shows, computed from results
``evidence``    what a requirement's page tells of each failure and each observation
``backends``    what a backend's page shows
``charts``      the numbers behind the pictures
``rendering``   the pages, from templates
``folder``      writing the files so that there is always a whole site
==============  ==============================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mpreports.comparison import Comparison
from mpreports.results import Results
from mpreports.site.folder import replace_site
from mpreports.site.model import build_site
from mpreports.site.rendering import render
from mpreports.teeth import Teeth


def write_site(
    results: Sequence[Results], folder: Path, comparisons: Sequence[Comparison] = (), teeth: Teeth | None = None
) -> Path:
    """Write a site about these runs into the folder, which is made if need be, and return its first page.

    ``comparisons`` are of these runs with earlier ones; the pages of the backends tell what has changed since.
    ``teeth`` tells what each pass is worth; then there is a page of that.

    Raises ``ResultsError`` if the runs do not go together, ``FileExistsError`` if the folder holds files that are in
    the way and ``OSError`` if it cannot be written; a site that was there before is then left as it was.
    """
    if not results:
        raise ValueError("a site is about at least one run")
    return replace_site(folder, render(build_site(results), comparisons, teeth))
