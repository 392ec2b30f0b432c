"""``AsyncResult``: what becomes of one call."""

from __future__ import annotations

from mpconform.kit import Task, promise, raises, verifies
from mpconform.sections.process_pools.helpers import (
    Refused,
    arrive_and_return_when_open,
    arrived,
    raise_it,
    refuse,
    return_when_open,
    returned,
    running,
    settled,
    square,
    square_of_task,
)
from mpconform.sections.process_pools.watching import Timed


@verifies(
    "async_result.get.returns-the-result",
    "async_result.get.raises-the-exception",
    "async_result.get.again",
    "async_result.successful.true-after-return",
    "async_result.successful.false-after-exception",
    "async_result.wait.returns-after-failure",
    "async_result.ready.true-after-completion",
)
def test_what_is_told_of_a_call_that_is_complete(mp, patience):
    errors = [Refused("refused", ["list"]), KeyError("key"), ZeroDivisionError(), OSError(2, "no such file")]
    with running(mp.Pool(1)) as pool:
        with promise("async_result.get.returns-the-result"):
            answer = arrived(pool.apply_async(square, (3,)), "apply_async(square, (3,))")
            assert answer == 9, f"get() of apply_async(square, (3,)) returned {answer!r}, promised is 9"
        with promise("async_result.get.raises-the-exception"):
            for error in errors:
                result = pool.apply_async(raise_it, (error,))
                with raises(type(error), f"get() of a call that raised {error!r}") as caught:
                    arrived(result, f"a call that raised {error!r}")
                found = caught.value
                assert type(found) is type(error) and found.args == error.args, (
                    f"get() raised {found!r}, the call {error!r}; promised is that it is raised again"
                )
        with promise("async_result.get.again"):
            result = pool.apply_async(square, (3,))
            answers = [arrived(result, "apply_async(square, (3,))") for _ in range(2)]
            assert answers == [9, 9], f"two get() of apply_async(square, (3,)) returned {answers!r}, promised is 9"
            result = pool.apply_async(refuse, (3,))
            for _ in range(2):
                with raises(Refused, "get(), twice, of a call that raised Refused"):
                    arrived(result, "apply_async() of a function that raises")
        with promise("async_result.successful.true-after-return"):
            for result in pool.apply_async(square, (3,)), pool.map_async(square, range(3), 1):
                arrived(result, "an asynchronous call of a function that returns")
                answer = result.successful()
                assert answer is True, f"successful() returned {answer!r} when all that was called had returned"
        with promise("async_result.successful.false-after-exception"):
            for result in pool.apply_async(refuse, (3,)), pool.map_async(refuse, range(3), 1):
                with raises(Refused, "get() of a call that raised Refused"):
                    arrived(result, "an asynchronous call of a function that raises")
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
                result = pool.apply_async(function, (3,))
                returned(Task(result.wait), f"wait() for {function.__name__}(3)")
                answer = result.ready()
                assert answer is True, (
                    f"ready() returned {answer!r} when wait() for {function.__name__}(3) had returned"
                )


@verifies(
    "async_result.wait.timeout-bounds-wait",
    "async_result.get.timeout-raises",
    "async_result.get.timeout-is-not-cut-short",
    "async_result.get.result-survives-a-timeout",
)
def test_wait_and_get_end_when_their_timeout_has_passed(mp, gate, patience):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(return_when_open, (gate, "late"))
        wait = Timed("wait", result.wait, patience.timeout)
        get = Timed("get", result.get, timeout=patience.timeout)
        at_once = Timed("get", result.get, 0)
        settled([wait.task, get.task, at_once.task])
        gate.open()
        with promise("async_result.wait.timeout-bounds-wait"):
            wait.check_end(patience)
            assert wait.task.error is None, f"{wait.call}: {wait.task.outcome()}, promised is that it returns"
            wait.check_wait()
        with promise("async_result.get.timeout-raises"):
            for call in get, at_once:
                call.check_end(patience)
                call.check_error(mp.TimeoutError)
        with promise("async_result.get.timeout-is-not-cut-short"):
            get.check_error(mp.TimeoutError)
            get.check_wait()
        with promise("async_result.get.result-survives-a-timeout"):
            get.check_error(mp.TimeoutError)
            answer = arrived(result, f"a call that returned after {get.call} had raised TimeoutError")
            assert answer == "late", f"get() returned {answer!r} after a timeout, the call 'late'"


@verifies(
    "async_result.ready.false-while-running",
    "async_result.successful.raises-valueerror-until-ready",
)
def test_ready_and_successful_while_the_call_runs(mp, gate, latch):
    with running(mp.Pool(2)) as pool:
        runs = pool.apply_async(arrive_and_return_when_open, (latch, gate, "late"))
        half_done = pool.map_async(square_of_task, [(2,), (3, gate, latch)], 1)
        latch.wait(2, "calls that run")
        waits = pool.apply_async(square, (3,))
        results = {
            "one call, which runs": runs,
            "two calls, one of which runs": half_done,
            "one call, which waits for a worker": waits,
        }
        with promise("async_result.ready.false-while-running"):
            for what, result in results.items():
                answer = result.ready()
                assert answer is False, f"ready() of {what}, returned {answer!r}"
        with promise("async_result.successful.raises-valueerror-until-ready"):
            for what, result in results.items():
                with raises(ValueError, f"successful() of {what}"):
                    result.successful()
        gate.open()
        for what, result in results.items():
            arrived(result, what)
