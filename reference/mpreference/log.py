"""The logger of the package.

Nobody pays for it who does not ask: `logging` is imported, and the logger made, by the first :func:`get_logger`. Until
then :func:`debug` and :func:`info`, which all rooms call, return at once.

Rules
-----
* The logger has level NOTSET, no handler, and does not propagate, until somebody changes that.
* A record bears the name of the process that makes it. `logging` knows only the processes of the standard library's
  package, so a filter of our logger sets the name; in records of other loggers it stays ``MainProcess``.
* A forked child has the logger as it was. Another one is told the level, and whether to write to standard error; other
  handlers stay behind, for they cannot travel.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from typing import Any

NAME = "mpreference"
FORMAT = "[%(levelname)s/%(processName)s] %(message)s"

_logger: logging.Logger | None = None
_to_stderr = False


def get_logger() -> logging.Logger:
    """Return the logger of the package (`multiprocessing.get_logger`)."""
    global _logger
    if _logger is None:
        import logging

        from mpreference.starting import preparation

        logger = logging.getLogger(NAME)
        logger.propagate = False
        logger.addFilter(_name_process)
        preparation.steps.append((_describe, _adopt))
        _logger = logger
    return _logger


def log_to_stderr(level: int | str | None = None) -> logging.Logger:
    """Add a handler that writes to `sys.stderr`, set the level if one is given, and return the logger.

    A line looks like ``[INFO/Process-1] message`` (`multiprocessing.log_to_stderr`).
    """
    global _to_stderr
    import logging

    logger = get_logger()
    if level is not None:
        logger.setLevel(level)
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(FORMAT))
    logger.addHandler(handler)
    _to_stderr = True
    return logger


def debug(text: str, *args: Any) -> None:
    """Log what is of interest to the maintainers of this package."""
    if _logger is not None:
        _logger.debug(text, *args, stacklevel=2)


def info(text: str, *args: Any) -> None:
    """Log what is of interest to a program: who starts and ends, and why."""
    if _logger is not None:
        _logger.info(text, *args, stacklevel=2)


def _name_process(record: logging.LogRecord) -> bool:
    from mpreference.process import current_process

    record.processName = current_process().name
    return True


def _describe() -> tuple[int, bool]:
    """Say what a child that is not forked has to know."""
    return get_logger().level, _to_stderr


def _adopt(described: tuple[int, bool]) -> None:
    """Be, in such a child, as the parent was."""
    level, to_stderr = described
    get_logger().setLevel(level)
    if to_stderr:
        log_to_stderr()
