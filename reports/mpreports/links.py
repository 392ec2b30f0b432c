"""Addresses: of the documentation, of pages of ours, and whether one from elsewhere is fit to be linked."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit


def slug(name: str, taken: set[str]) -> str:
    """Return a fragment and file name for the name, which is the name itself where that can be; no two are the same.

    It holds nothing that has a meaning in a path or an address, begins with no dot, and differs from the others in
    more than the case of its letters.
    """
    made = base = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:100].strip("-.") or "unnamed"
    number = 1
    while made.lower() in taken:
        number += 1
        made = f"{base}-{number}"
    taken.add(made.lower())
    return made


def documentation(doc: str, edition: str) -> str:
    """Return the address of an anchor such as ``multiprocessing.Process.join`` in that edition of the documentation."""
    module, hash_, fragment = doc.partition("#")
    if not hash_:
        module, fragment = "multiprocessing", doc
        if doc.startswith("multiprocessing.shared_memory"):  # the one submodule that has a page of its own
            module = "multiprocessing.shared_memory"
    edition = edition if re.fullmatch(r"3\.\d{1,2}", edition) else "3"
    page = f"https://docs.python.org/{edition}/library/{quote(module, errors='replace')}.html"
    return f"{page}#{quote(fragment, errors='replace')}"


def documentation_of(name: str, edition: str) -> str:
    """Return the address of a name of another module, such as ``threading.Condition``, in its documentation."""
    return documentation(f"{name.partition('.')[0]}#{name}", edition)


def safe_link(text: str | None) -> str | None:
    """Return the text if it is an ``http`` or ``https`` address and nothing else, so that a page may link to it."""
    if text is None or re.search(r"[^\x21-\x7e]", text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:  # such as an unclosed bracket
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None
