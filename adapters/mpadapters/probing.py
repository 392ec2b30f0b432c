"""Asking a backend for its version and start methods in a process of its own.

Importing a backend may fail, print, hang, crash, or start what stays. The processes that judge, pytest's own among
them, therefore never import one: they ask here first, below a supervisor that ends whatever is left, and only
sandboxes import.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from mpadapters.contract import AdapterError
from mpadapters.finding import find
from mpadapters.supervising import Lost, ask, charge

LIMIT = 60.0
"""Seconds that a backend has for being imported."""


@dataclass(frozen=True)
class Probe:
    """What a backend says of itself: its adapter's location, its version, the start methods it can be judged under."""

    name: str
    location: str
    version: str
    start_methods: tuple[str, ...]


def probe(name: str) -> Probe:
    """Return what the backend with this name says of itself.

    Raises :class:`AdapterError`, with one line, if there is no such backend or it cannot be imported.
    """
    try:
        told = ask(f"from mpadapters.probing import main; main({name!r})", LIMIT)
    except Lost as lost:
        raise AdapterError(
            f"backend {name!r}: importing it: {lost}: "
            f'make `python -c "import mpadapters; mpadapters.find({name!r}).module()"` work first'
        ) from None
    if "error" in told:
        raise AdapterError(told["error"])
    return Probe(told["name"], told["location"], told["version"], tuple(told["start_methods"]))


def main(name: str) -> None:
    """Tell what :func:`probe` wants to know."""
    tell, _ = charge()
    try:
        adapter = find(name)
        tell(asdict(Probe(adapter.name, adapter.location, adapter.version(), adapter.start_methods())))
    except AdapterError as error:
        tell({"error": str(error)})
    except Exception as error:  # noqa: BLE001 - the adapter is another's code
        raised = " ".join(f"{error!r}".split())
        tell({"error": f"backend {name!r}: its adapter raised {raised}"})
