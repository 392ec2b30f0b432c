"""The summary in the terminal: what the cell is, the counts by section, what was not expected, one closing line.

Every line is made here and none is wrapped, so that a pipe gets the same words as a terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from rich.console import Console
from rich.text import Text

from mpreports.judging import never_arisen
from mpreports.lines import Header, Requirement
from mpreports.results import Results
from mpreports.text import one_line
from mpreports.verdicts import DEVIATIONS, Verdict

_GAP = "  "


def print_summary(results: Results, console: Console) -> None:
    """Print the summary of one run."""
    requirements = results.requirements
    say(console, title_of(results.header, ascii_only=console.options.ascii_only), "bold")
    if results.header["selection"] is not None:
        say(console, f"only a part of the suite was chosen: {one_line(results.header['selection'])}")
    say(console)
    if requirements:
        _print_table(requirements, console)
        say(console)
    _print_worse([entry for entry in requirements if entry["standing"] == "worse"], console)
    _print_better([entry for entry in requirements if entry["standing"] == "better"], console)
    early = early_end(results)
    if early:
        say(console, early, "bold red")
    say(console, closing_line(requirements), "bold")


def never_tried(runs: Sequence[Results]) -> dict[str, str]:
    """Return the requirements whose situation did not arise in any of the runs, each with what was to happen."""
    entries: dict[str, list[Requirement]] = {}
    for run in runs:
        for entry in run.requirements:
            entries.setdefault(entry["id"], []).append(entry)
    found = {id_: never_arisen(those) for id_, those in entries.items()}
    return {id_: what for id_, what in found.items() if what}


def print_never_tried(runs: Sequence[Results], console: Console) -> None:
    """Print what no run could try, if there is any, so that nobody takes it for tested."""
    found = never_tried(runs)
    if found:
        cells = "the cell" if len(runs) == 1 else f"any of {len(runs)} cells"
        say(console, f"never tried, because what it takes did not arise in {cells}: {len(found)}", "bold")
        for id_, what in found.items():
            say(console, f"  {one_line(id_)}: {one_line(what)}", "yellow")


def early_end(results: Results, quoted: Callable[[str], str] = str) -> str:
    """Return in one line what ended the run before all was done, or nothing; ``quoted`` makes a text fit to be shown.

    What ended it is a text of the results file.
    """
    ended = results.footer["ended"]
    if ended is None:
        return ""
    missed = results.footer["tests"].get(Verdict.NOT_RUN, 0)
    rest = f"{missed} test{'' if missed == 1 else 's'} did not run" if missed else "every test had been run"
    return f"the run was ended early: {quoted(one_line(ended))}; {rest}"


def title_of(header: Header, *, ascii_only: bool = False) -> str:
    """Return the cell and the edition in one line."""
    cell = header["cell"]
    parts = (
        f"{cell['backend']} {cell['backend_version']}",
        cell["start_method"],
        f"{cell['implementation']} {cell['python']}",
        cell["platform"],
        f"edition {header['edition']}",
        *([f"chaos {header['chaos']}"] if "chaos" in header else []),
    )
    return (" - " if ascii_only else " · ").join(one_line(part) for part in parts)


def _print_table(requirements: Iterable[Requirement], console: Console) -> None:
    """Print how many requirements of each section got each verdict; only verdicts that occur have a column."""
    counts: dict[str, Counter[Verdict]] = {}
    total: Counter[Verdict] = Counter()
    for entry in requirements:
        counts.setdefault(one_line(entry["title"]), Counter())[entry["verdict"]] += 1
        total[entry["verdict"]] += 1
    counts["total"] = total
    columns = [verdict for verdict in Verdict if total[verdict]]
    heads = [str(verdict) for verdict in columns]
    first = max(len(title) for title in counts)

    # In a narrow terminal the heads are signs. A pipe has no width.
    narrow = console.is_terminal and first + len(_GAP.join(["", *heads])) > console.width
    if narrow and not console.options.ascii_only:
        say(console, ", ".join(f"{verdict.sign} {verdict}" for verdict in columns))
        heads = [verdict.sign for verdict in columns]

    widths = [max(len(head), len(str(total[verdict]))) for head, verdict in zip(heads, columns, strict=True)]
    say(console, _GAP.join([" " * first, *map(str.rjust, heads, widths)]))
    for title, row in counts.items():
        cells = [str(row[verdict] or "-").rjust(width) for verdict, width in zip(columns, widths, strict=True)]
        say(console, _GAP.join([title.ljust(first), *cells]), "bold" if row is total else "")


def _print_worse(entries: list[Requirement], console: Console) -> None:
    if not entries:
        return
    say(console, f"worse than expected: {len(entries)}", "bold")
    for entry in entries:
        expectation = entry["expectation"]
        expected = f", expected {expectation['verdict']}" if expectation else ""
        say(console, f"  {one_line(entry['id'])}: {entry['verdict']}{expected}", "red")
        say(console, f"      {one_line(entry['because']) or 'no message'}")
        if entry["check"]:
            say(console, f"      check first: {one_line(entry['check'])}")
    say(console)


def _print_better(entries: list[Requirement], console: Console) -> None:
    if not entries:
        return
    say(console, f"better than expected, so that the expectation is stale: {len(entries)}", "bold")
    for entry in entries:
        expectation = entry["expectation"]
        say(console, f"  {one_line(entry['id'])}: {entry['verdict']}", "yellow")
        if expectation:
            say(console, f"      expected {expectation['verdict']}: {one_line(expectation['reason'])}")
    say(console)


def closing_line(requirements: Iterable[Requirement]) -> str:
    """Return the run in one line: what was not expected, what was, and by name that of which nothing is known."""
    standings: Counter[str] = Counter()
    expected: Counter[Verdict] = Counter()
    undecided: Counter[Verdict] = Counter()
    total = 0
    for entry in requirements:
        total += 1
        standings[entry["standing"]] += 1
        if entry["verdict"] in (Verdict.BLOCKED, Verdict.NOT_RUN):
            undecided[entry["verdict"]] += 1
        elif entry["standing"] in ("expected", "unscored"):
            expected[entry["verdict"]] += 1

    parts = []
    if standings["worse"]:
        parts.append(f"{standings['worse']} worse than expected")
    if standings["better"]:
        parts.append(f"{standings['better']} better" + ("" if standings["worse"] else " than expected"))
    if not total:
        parts.append("nothing was judged")
    elif expected.total() == total:
        parts.append(f"all {total} as expected")
    else:
        parts.append(f"{expected.total()} of {total} as expected")
    line = ", ".join(parts)

    counts = [(expected[Verdict.PASS], "pass")]
    deviations = sum(expected[verdict] for verdict in DEVIATIONS)
    counts.append((deviations, "expected deviation" if deviations == 1 else "expected deviations"))
    counts += [(expected[v], str(v)) for v in Verdict if v is not Verdict.PASS and v not in DEVIATIONS]
    named = ", ".join(f"{count} {words}" for count, words in counts if count)
    if named:
        line += f": {named}"
    if undecided:
        line += "; undecided: " + ", ".join(f"{undecided[v]} {v}" for v in Verdict if undecided[v])
    return line


def say(console: Console, line: str = "", style: str = "") -> None:
    """Print one line as it is: no markup, no wrapping, and nothing that the stream cannot encode."""
    line = line.encode(console.encoding, "backslashreplace").decode(console.encoding)
    console.print(Text(line, style), soft_wrap=True)
