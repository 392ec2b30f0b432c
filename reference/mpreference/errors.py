"""The exceptions of the package: `multiprocessing.ProcessError` and what it is the base of."""

from __future__ import annotations


class ProcessError(Exception):
    """The base of all exceptions of this package (`multiprocessing.ProcessError`)."""


class BufferTooShort(ProcessError):
    """A message is larger than the buffer for it; ``args[0]`` is the message (`multiprocessing.BufferTooShort`)."""


class AuthenticationError(ProcessError):
    """The two sides of a connection have different keys (`multiprocessing.AuthenticationError`)."""


class TimeoutError(ProcessError):  # noqa: A001 - the documented name
    """A result did not come within the timeout for it (`multiprocessing.TimeoutError`)."""
