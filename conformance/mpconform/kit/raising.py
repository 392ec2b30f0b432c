"""The block of a test that is promised to raise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


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
    except kind as error:
        caught.value = error
    except Exception as error:
        raise AssertionError(f"{call}: promised to raise {kind.__name__}, raised {error!r}") from error
    else:
        raise AssertionError(f"{call}: promised to raise {kind.__name__}, raised nothing")
