"""``AsyncResult``: what becomes of one call."""

from __future__ import annotations

import time

from mpconform.kit import each, raises, verifies
from mpconform.sections.process_pools.helpers import (
    GRANULARITY,
    InThread,
    Refused,
    arrive_and_return_when_open,
    arrived,
    raise_it,
    refuse,
    return_when_open,
    running,
    square,
)


@verifies("async_result.get.returns-the-result")
def test_get_returns_the_result(mp):
    with running(mp.Pool(1)) as pool:
        answer = arrived(mp, pool.apply_async(square, (3,)), "apply_async(square, (3,))")
    assert answer == 9, f"get() of apply_async(square, (3,)) returned {answer!r}, promised is 9"


@verifies("async_result.get.blocks-until-result")
@each("given", [(), (None,)])
def test_get_waits_for_the_result(mp, gate, latch, given):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(arrive_and_return_when_open, (latch, gate, "late"))
        call = InThread(result.get, *given)
        latch.wait(1, "call that runs")
        gate.open()
        answer = call.outcome(f"get{given!r} of a call that has returned meanwhile")
    assert answer == "late", f"get{given!r} returned {answer!r}, the call 'late'"


@verifies("async_result.get.timeout-raises")
def test_get_raises_when_its_timeout_has_passed(mp, gate):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(return_when_open, (gate, "late"))
        with raises(mp.TimeoutError, "get(timeout=0.05) while the call runs (TimeoutError of the package)"):
            result.get(timeout=0.05)
        gate.open()
        result.wait()


@verifies("async_result.get.timeout-is-not-cut-short")
def test_get_does_not_raise_before_its_timeout(mp, gate, patience):
    timeout = patience.watching
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(return_when_open, (gate, "late"))
        start = time.monotonic()
        with raises(mp.TimeoutError, f"get({timeout}) while the call runs"):
            result.get(timeout)
        took = time.monotonic() - start
        gate.open()
        result.wait()
    assert took >= timeout - GRANULARITY, f"get({timeout}) raised TimeoutError after {took:.3f} s"


@verifies("async_result.get.timeout-returns-result-in-time")
def test_get_returns_a_result_that_comes_in_time(mp, gate, latch, patience):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(arrive_and_return_when_open, (latch, gate, "late"))
        call = InThread(result.get, patience.awaiting)
        latch.wait(1, "call that runs")
        gate.open()
        answer = call.outcome(f"get({patience.awaiting}) of a call that has returned meanwhile")
    assert answer == "late", f"get({patience.awaiting}) returned {answer!r}, the call 'late'"


@verifies("async_result.get.result-survives-a-timeout")
def test_get_returns_a_late_result_after_a_timeout(mp, gate):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(return_when_open, (gate, "late"))
        with raises(mp.TimeoutError, "get(0.02) while the call runs"):
            result.get(0.02)
        gate.open()
        answer = arrived(mp, result, "a call that returned after get(0.02) had raised TimeoutError")
    assert answer == "late", f"get() returned {answer!r} after a timeout, the call 'late'"


@verifies("async_result.get.raises-the-exception")
def test_get_raises_what_the_call_raises(mp):
    errors = [Refused("refused", ["list"]), KeyError("key"), ZeroDivisionError(), OSError(2, "no such file")]
    with running(mp.Pool(1)) as pool:
        for error in errors:
            result = pool.apply_async(raise_it, (error,))
            with raises(type(error), f"get() of a call that raised {error!r}") as caught:
                arrived(mp, result, f"a call that raised {error!r}")
            found = caught.value
            assert type(found) is type(error) and found.args == error.args, (
                f"get() raised {found!r}, the call {error!r}; promised is that it is raised again"
            )


@verifies("async_result.wait.blocks-until-result")
def test_wait_returns_when_the_result_is_available(mp, gate, patience):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(return_when_open, (gate, "late"))
        call = InThread(result.wait)
        patience.never(call.is_done, "wait() returns while the call runs")
        gate.open()
        call.outcome("wait() for a call that has returned meanwhile")
        ready = result.ready()
    assert ready, f"ready() returned {ready!r} when wait() had returned"


@verifies("async_result.wait.timeout-bounds-wait")
def test_wait_returns_when_its_timeout_has_passed(mp, gate, patience):
    timeout = patience.watching
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(return_when_open, (gate, "late"))
        start = time.monotonic()
        InThread(result.wait, timeout).outcome(f"wait({timeout}) while the call runs")
        took = time.monotonic() - start
        gate.open()
        result.wait()
    assert took >= timeout - GRANULARITY, f"wait({timeout}) returned after {took:.3f} s while the call ran"


@verifies("async_result.wait.timeout-ends-early")
def test_wait_with_a_timeout_returns_when_the_result_is_available(mp, gate, latch, patience):
    timeout = 10 * patience.awaiting
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(arrive_and_return_when_open, (latch, gate, "late"))
        call = InThread(result.wait, timeout)
        latch.wait(1, "call that runs")
        gate.open()
        call.outcome(f"wait({timeout}) for a call that has returned meanwhile")
        answer = arrived(mp, result, "a call that wait() has waited for")
    assert answer == "late", f"get() returned {answer!r} after wait(), the call 'late'"


@verifies("async_result.wait.returns-after-failure")
def test_wait_returns_when_the_call_has_raised(mp):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(refuse, (1,))
        InThread(result.wait).outcome("wait() for a call that raises")


@verifies("async_result.ready.false-while-running")
def test_ready_is_false_while_the_call_runs(mp, gate, latch):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(arrive_and_return_when_open, (latch, gate, "late"))
        latch.wait(1, "call that runs")
        answer = result.ready()
        gate.open()
        result.wait()
    assert answer is False, f"ready() returned {answer!r} while the call ran"


@verifies("async_result.ready.true-after-completion")
def test_ready_is_true_when_the_call_is_complete(mp, patience):
    with running(mp.Pool(1)) as pool:
        for function in square, refuse:
            result = pool.apply_async(function, (3,))
            call = f"ready() is True when {function.__name__}(3) is complete"
            patience.until(lambda result=result: result.ready() is True, call)


@verifies("async_result.successful.true-after-return")
def test_successful_is_true_when_the_call_has_returned(mp):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(square, (3,))
        arrived(mp, result, "apply_async(square, (3,))")
        answer = result.successful()
    assert answer is True, f"successful() returned {answer!r} when the call had returned"


@verifies("async_result.successful.false-after-exception")
def test_successful_is_false_when_the_call_has_raised(mp):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(refuse, (3,))
        with raises(Refused, "get() of a call that raised Refused"):
            arrived(mp, result, "apply_async() of a function that raises")
        answer = result.successful()
    assert answer is False, f"successful() returned {answer!r} when the call had raised an exception"


@verifies("async_result.successful.raises-valueerror-until-ready")
def test_successful_raises_while_the_call_runs(mp, gate):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(return_when_open, (gate, "late"))
        with raises(ValueError, "successful() while the call runs"):
            result.successful()
        gate.open()
        result.wait()
