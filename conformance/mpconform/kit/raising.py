"""The block of a test that is promised to raise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mpconform.kit.patience import Overdue


class Caught:
    """The exception that a :func:`raises` block ended with."""

    value: BaseException


@contextmanager
def raises(kind: type[BaseException], call: str) -> Iterator[Caught]:
    """Check that the block raises ``kind``; ``call`` is how a failure names what the block does.

    Gives an object whose ``value`` is the exception, once the block has ended.
    """
    caught = Caught()
    try:
        yield caught
    except Overdue:
        raise  # the call does not come to its end, which is no exception of the call
    except kind as error:
        caught.value = error
    except Exception as error:
        name, module = kind.__name__, kind.__module__
        if type(error).__name__ == name:  # as TimeoutError, which several modules have
            other = type(error).__module__
            raise AssertionError(f"{call}: promised to raise {module}.{name}, raised that of {other}") from error
        raise AssertionError(f"{call}: promised to raise {name}, raised {error!r}") from error
    else:
        raise AssertionError(f"{call}: promised to raise {kind.__name__}, raised nothing")


@contextmanager
def works(call: str) -> Iterator[None]:
    """Check that the block, which does ``call``, raises nothing; a failure then names the call."""
    try:
        yield
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(f"{call}: raised {error!r}, promised is that it works") from error
