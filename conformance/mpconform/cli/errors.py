"""Every error that a user can cause, as one clear line on standard error and an exit status."""

from __future__ import annotations

from typing import IO, Any

import click


class UsageError(click.ClickException):
    """Wrong usage: the message says, in one line, what is wrong and what to do about it."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message as all errors of this command are printed."""
        print_error(self.message, file)


def print_error(message: str, file: IO[Any] | None = None) -> None:
    """Print one line on standard error (or ``file``), whatever line breaks the message has."""
    click.echo(f"mpconform: error: {' '.join(message.split())}", file=file, err=file is None)


def describe(error: Exception) -> tuple[str, int] | None:
    """Return the message and the exit status for an error that a user can cause; None for a defect of ours."""
    if isinstance(error, click.UsageError):
        hint = f" (see {error.ctx.command_path} --help)" if error.ctx else ""
        return error.format_message() + hint, error.exit_code
    if isinstance(error, click.ClickException):
        return error.format_message(), error.exit_code

    # Imported only now: a command that goes well does not pay for the packages that it does not use.
    from mpadapters.contract import AdapterError
    from mpadapters.expectations import ExpectationsError
    from mpconform.registry import RegistryError
    from mpreports.results import ResultsError

    if isinstance(error, ResultsError):
        return str(error), error.exit_status
    if isinstance(error, AdapterError | ExpectationsError | RegistryError):
        return str(error), 2
    return None
