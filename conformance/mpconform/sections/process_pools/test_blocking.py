"""What blocks until a result is there: methods of a pool, and of what they return."""

from __future__ import annotations

from mpconform.kit import Task, promise, verifies
from mpconform.sections.process_pools.helpers import (
    Blocking,
    arrive_and_return_when_open,
    return_when_open,
    running,
    square_of_task,
    square_when_open,
)


@verifies(
    "pool.apply.blocks-until-result",
    "pool.map.blocks-until-result",
    "pool.starmap.blocks-until-result",
)
def test_methods_of_a_pool_return_when_the_last_call_is_complete(mp, gate):
    with running(mp.Pool(2)) as pool:
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


@verifies("pool.imap.next-blocks-without-timeout", "pool.imap.next-timeout-returns-result-in-time")
def test_next_of_imap_waits_for_the_result(mp, gate, patience):
    with running(mp.Pool(1)) as pool:
        by_default, in_time = pool.imap(square_of_task, [(3, gate)]), pool.imap(square_of_task, [(4, gate)])
        limited = f"next({patience.awaiting}) of imap()"
        blocking = Blocking(
            {
                "next() of imap()": Task(lambda: by_default.next()),
                limited: Task(lambda: in_time.next(patience.awaiting)),
            },
            gate,
        )
    with promise("pool.imap.next-blocks-without-timeout"):
        blocking.check("next() of imap()", 9)
    with promise("pool.imap.next-timeout-returns-result-in-time"):
        blocking.check(limited, 16)


@verifies(
    "async_result.get.blocks-until-result",
    "async_result.get.timeout-returns-result-in-time",
    "async_result.wait.blocks-until-result",
    "async_result.wait.timeout-ends-early",
)
def test_get_and_wait_wait_for_the_result(mp, gate, latch, patience):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(arrive_and_return_when_open, (latch, gate, "late"))
        latch.wait(1, "call that runs")
        limit, more = patience.awaiting, 10 * patience.awaiting
        blocking = Blocking(
            {
                "get()": Task(result.get),
                "get(None)": Task(result.get, None),
                f"get({limit})": Task(result.get, limit),
                "wait()": Task(result.wait),
                f"wait({more})": Task(result.wait, more),
            },
            gate,
        )
    with promise("async_result.get.blocks-until-result"):
        blocking.check("get()", "late")
        blocking.check("get(None)", "late")
    with promise("async_result.get.timeout-returns-result-in-time"):
        blocking.check(f"get({limit})", "late")
    with promise("async_result.wait.blocks-until-result"):
        blocking.check("wait()", None)
    with promise("async_result.wait.timeout-ends-early"):
        blocking.check(f"wait({more})", None)
