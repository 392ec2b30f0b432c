"""``mpconform backends`` and ``mpconform check-adapter``: what can be judged, and whether its adapter is sound."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import click

import mpadapters
from mpadapters.probing import probe
from mpconform.cli.output import on_terminal, print_tabs


@click.command("backends")
def backends() -> int:
    """List the backends that have an adapter: name, version or how to install it, start methods.

    Any importable module that mirrors the layout of multiprocessing can be judged too, with no adapter:
    mpconform run --backend some_module.
    """
    names = mpadapters.names()
    # Each is asked in a process of its own, and some take seconds to import.
    with ThreadPoolExecutor(max_workers=4) as threads:
        rows = list(threads.map(describe_backend, names))
    if on_terminal():
        from rich.console import Console
        from rich.table import Table

        table = Table("backend", "version", "start methods", box=None, header_style="bold", padding=(0, 2, 0, 0))
        for row in rows:
            table.add_row(*row)
        Console().print(table)
    else:
        print_tabs(rows)
    return 0


def describe_backend(name: str) -> tuple[str, str, str]:
    """Return the name of a backend, its version, and its start methods; or why it cannot be judged here."""
    try:
        found = probe(name)
    except mpadapters.AdapterError as error:
        return name, str(error).removeprefix(f"backend {name!r}: "), ""
    return name, found.version, ", ".join(found.start_methods)


@click.command("check-adapter")
@click.argument("name")
def check_adapter(name: str) -> int:
    """Check that the adapter NAME keeps the adapter contract: a smoke test of a few seconds.

    NAME is what --backend takes. The exit status is 1 if a check fails.

    \b
      mpconform check-adapter billiard
      mpconform check-adapter my_package.multiprocessing
    """
    adapter = mpadapters.find(name)
    from mpadapters import checking  # imported late: only this command needs it

    checks = checking.check_adapter(adapter)
    for check in checks:
        mark = click.style("ok  ", fg="green") if check.ok else click.style("FAIL", fg="red", bold=True)
        click.echo(f"{mark}  {check.name}{': ' + check.detail if check.detail else ''}")
    return 0 if all(check.ok for check in checks) else 1
