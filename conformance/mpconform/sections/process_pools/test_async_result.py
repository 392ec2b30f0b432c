"""``AsyncResult``: what becomes of one call."""

from __future__ import annotations

import time

from mpconform.kit import Task, promise, raises, verifies
from mpconform.kit.patience import GRANULARITY
from mpconform.sections.process_pools.helpers import (
    Refused,
    arrive_and_return_when_open,
    arrived,
    raise_it,
    refuse,
    return_when_open,
    returned,
    running,
    square,
)


@verifies("async_result.get.returns-the-result")
def test_get_returns_the_result(mp):
    with running(mp.Pool(1)) as pool:
        answer = arrived(pool.apply_async(square, (3,)), "apply_async(square, (3,))")
    assert answer == 9, f"get() of apply_async(square, (3,)) returned {answer!r}, promised is 9"


@verifies("async_result.get.raises-the-exception")
def test_get_raises_what_the_call_raises(mp):
    errors = [Refused("refused", ["list"]), KeyError("key"), ZeroDivisionError(), OSError(2, "no such file")]
    with running(mp.Pool(1)) as pool:
        for error in errors:
            result = pool.apply_async(raise_it, (error,))
            with raises(type(error), f"get() of a call that raised {error!r}") as caught:
                arrived(result, f"a call that raised {error!r}")
            found = caught.value
            assert type(found) is type(error) and found.args == error.args, (
                f"get() raised {found!r}, the call {error!r}; promised is that it is raised again"
            )


@verifies(
    "async_result.wait.timeout-bounds-wait",
    "async_result.get.timeout-raises",
    "async_result.get.timeout-is-not-cut-short",
    "async_result.get.result-survives-a-timeout",
)
def test_wait_and_get_end_when_their_timeout_has_passed(mp, gate, patience):
    timeout = patience.timeout
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(return_when_open, (gate, "late"))
        with promise("async_result.wait.timeout-bounds-wait"):
            start = time.monotonic()
            returned(Task(result.wait, timeout), f"wait({timeout}) while the call runs")
            took = time.monotonic() - start
            assert took >= timeout - GRANULARITY, f"wait({timeout}) returned after {took:.3f} s while the call ran"
        call = "get(timeout) while the call runs (TimeoutError of the package)"
        with promise("async_result.get.timeout-raises"), raises(mp.TimeoutError, call):
            result.get(timeout=timeout)
        with promise("async_result.get.timeout-is-not-cut-short"):
            start = time.monotonic()
            with raises(mp.TimeoutError, f"get({timeout}) while the call runs"):
                result.get(timeout)
            took = time.monotonic() - start
            assert took >= timeout - GRANULARITY, f"get({timeout}) raised TimeoutError after {took:.3f} s"
        with promise("async_result.get.result-survives-a-timeout"):
            with raises(mp.TimeoutError, f"get({timeout}) while the call runs"):
                result.get(timeout)
            gate.open()
            answer = arrived(result, f"a call that returned after get({timeout}) had raised TimeoutError")
            assert answer == "late", f"get() returned {answer!r} after a timeout, the call 'late'"


@verifies(
    "async_result.ready.false-while-running",
    "async_result.successful.raises-valueerror-until-ready",
)
def test_ready_and_successful_while_the_call_runs(mp, gate, latch):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(arrive_and_return_when_open, (latch, gate, "late"))
        latch.wait(1, "call that runs")
        with promise("async_result.ready.false-while-running"):
            answer = result.ready()
            assert answer is False, f"ready() returned {answer!r} while the call ran"
        call = "successful() while the call runs"
        with promise("async_result.successful.raises-valueerror-until-ready"), raises(ValueError, call):
            result.successful()
        gate.open()
        arrived(result, "a call that is complete")


@verifies(
    "async_result.successful.true-after-return",
    "async_result.successful.false-after-exception",
    "async_result.wait.returns-after-failure",
    "async_result.ready.true-after-completion",
)
def test_what_is_told_of_a_call_that_is_complete(mp, patience):
    with running(mp.Pool(1)) as pool:
        with promise("async_result.successful.true-after-return"):
            result = pool.apply_async(square, (3,))
            arrived(result, "apply_async(square, (3,))")
            answer = result.successful()
            assert answer is True, f"successful() returned {answer!r} when the call had returned"
        with promise("async_result.successful.false-after-exception"):
            result = pool.apply_async(refuse, (3,))
            with raises(Refused, "get() of a call that raised Refused"):
                arrived(result, "apply_async() of a function that raises")
            answer = result.successful()
            assert answer is False, f"successful() returned {answer!r} when the call had raised an exception"
        with promise("async_result.wait.returns-after-failure"):
            result = pool.apply_async(refuse, (1,))
            returned(Task(result.wait), "wait() for a call that raises")
        with promise("async_result.ready.true-after-completion"):
            for function in square, refuse:
                result = pool.apply_async(function, (3,))
                call = f"ready() is True when {function.__name__}(3) is complete"
                patience.until(lambda result=result: result.ready() is True, call)
