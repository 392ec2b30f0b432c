"""What blocks until a result is there: methods of a pool, and of what they return."""

from __future__ import annotations

from mpconform.kit import Task, promise, verifies
from mpconform.sections.process_pools.helpers import (
    arrive_and_return_when_open,
    return_when_open,
    running,
    square_of_task,
    square_when_open,
)
from mpconform.sections.process_pools.watching import Blocking


@verifies(
    "pool.apply.blocks-until-result",
    "pool.map.blocks-until-result",
    "pool.starmap.blocks-until-result",
)
def test_methods_of_a_pool_return_when_the_last_call_is_complete(mp, gate):
    with running(mp.Pool(3)) as pool:  # one for each call that waits: so the first call of each map is soon complete
        calls = {
            "apply()": Task(pool.apply, return_when_open, (gate, "late")),
            "map() of the squares of 2 and 3": Task(pool.map, square_of_task, [(2,), (3, gate)], 1),
            "starmap() of the squares of 2 and 3": Task(pool.starmap, square_when_open, [(2,), (3, gate)], 1),
        }
        blocking = Blocking(calls, gate)
    with promise("pool.apply.blocks-until-result"):
        blocking.check("apply()", "late")
    with promise("pool.map.blocks-until-result"):
        blocking.check("map() of the squares of 2 and 3", [4, 9])
    with promise("pool.starmap.blocks-until-result"):
        blocking.check("starmap() of the squares of 2 and 3", [4, 9])


@verifies(
    "pool.imap.next-blocks-without-timeout",
    "pool.imap.next-timeout-returns-result-in-time",
    "pool.imap_unordered.next-blocks-without-timeout",
    "pool.imap_unordered.next-timeout-returns-result-in-time",
    "async_result.get.blocks-until-result",
    "async_result.get.timeout-returns-result-in-time",
    "async_result.wait.blocks-until-result",
    "async_result.wait.timeout-ends-early",
)
def test_next_get_and_wait_wait_for_the_result(mp, gate, latch, patience):
    limit, more = patience.awaiting, 10 * patience.awaiting
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(arrive_and_return_when_open, (latch, gate, "late"))
        latch.wait(1, "call that runs")
        calls = {
            "get()": Task(result.get),
            "get(None)": Task(result.get, None),
            f"get({limit})": Task(result.get, limit),
            "wait()": Task(result.wait),
            f"wait({more})": Task(result.wait, more),
        }
        for method in "imap", "imap_unordered":
            iterators = [getattr(pool, method)(square_of_task, [(3, gate)]) for _ in range(3)]
            calls[f"next() of {method}()"] = Task(iterators[0].next)
            calls[f"next(iterator) of {method}()"] = Task(next, iterators[1])
            calls[f"next({limit}) of {method}()"] = Task(iterators[2].next, limit)
        blocking = Blocking(calls, gate)
        for method in "imap", "imap_unordered":
            with promise(f"pool.{method}.next-blocks-without-timeout"):
                blocking.check(f"next() of {method}()", 9)
                blocking.check(f"next(iterator) of {method}()", 9)
            with promise(f"pool.{method}.next-timeout-returns-result-in-time"):
                blocking.check(f"next({limit}) of {method}()", 9)
        with promise("async_result.get.blocks-until-result"):
            blocking.check("get()", "late")
            blocking.check("get(None)", "late")
        with promise("async_result.get.timeout-returns-result-in-time"):
            blocking.check(f"get({limit})", "late")
            for given in 0, limit:
                call = f"get({given}) of a call that is complete"
                with patience.at_once(call):
                    answer = Task(result.get, given).result(f"{call} returns")
                assert answer == "late", f"{call} returned {answer!r}, the call 'late'"
        with promise("async_result.wait.blocks-until-result"):
            blocking.check_end("wait()")
        with promise("async_result.wait.timeout-ends-early"):
            blocking.check_end(f"wait({more})")
            call = f"wait({more}) for a call that is complete"
            with patience.at_once(call):
                Task(result.wait, more).result(f"{call} returns")
