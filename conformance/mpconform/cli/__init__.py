"""The command line. Each command lives in a module of its own, which is imported when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from mpconform import __version__
from mpconform.cli.errors import UsageError, describe, print_error

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("mpconform.cli.running:run", "Judge a backend and write a results file."),
    "reproduce": ("mpconform.cli.reproducing:reproduce", "Write a script that shows one deviation, on its own."),
    "report": ("mpconform.cli.reporting:report", "Make pages, summaries and comparisons of results files."),
    "diff": ("mpconform.cli.comparing:diff", "Show what changed from one run, or one backend, to another."),
    "merge": ("mpconform.cli.merging:merge", "Merge runs of parts of the suite into one results file."),
    "list": ("mpconform.cli.listing:list_requirements", "List the requirements, or prove that none is left out."),
    "explain": ("mpconform.cli.explaining:explain", "Explain one requirement and show its tests."),
    "backends": ("mpconform.cli.backends:backends", "List the backends that can be judged."),
    "check-adapter": ("mpconform.cli.backends:check_adapter", "Check that an adapter keeps the adapter contract."),
}
"""Where each command is found, and what ``--help`` says of it without importing it; in the order of the help."""

INCOMPLETE = 3
"""The exit status of what was begun and not finished."""


class Commands(click.Group):
    """A group that imports a command when it is called, and that reports every error in one place."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command, or None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command), f"{COMMANDS[cmd_name][0]} is no click command"
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments begin with; one that is unknown is answered with its close matches."""
        if args[0] not in COMMANDS:
            from mpconform.registry.model import did_you_mean

            known = f"known are {', '.join(COMMANDS)}"
            raise UsageError(f"no command {args[0]!r}: {did_you_mean(args[0], COMMANDS, known)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands into the help, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command and exit with the status that it returns (None is 0)."""
        kwargs["standalone_mode"] = False
        try:
            status = super().main(*args, **kwargs)
        except click.Abort:
            print_error("interrupted")
            sys.exit(INCOMPLETE)
        except Exception as error:
            described = describe(error)
            if described is None:
                raise
            message, status = described
            print_error(message)
        sys.exit(status or 0)


@click.group(cls=Commands, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mpconform")
def main() -> None:
    """Which documented promises of multiprocessing does a backend keep?

    Each promise is a requirement with an id. A run judges one backend under one start method, and gives a verdict on
    each requirement.

    \b
    See which backends there are, and judge one:
      mpconform backends
      mpconform run --backend billiard --start-method spawn

    \b
    Look up what a verdict is about, and see it on its own:
      mpconform explain process.join.returns-none-after-exit
      mpconform reproduce --help

    \b
    List the promises, or only some:
      mpconform list --section process_pools --level must
      mpconform list --requirement 'queue.*'

    \b
    Exit status: 0 everything as expected; 1 a verdict worse or better than expected, or a check that failed;
    2 wrong usage; 3 the run is not complete.
    """
