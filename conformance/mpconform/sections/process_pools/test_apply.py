"""``apply`` and ``apply_async``: one call in one worker; and what all asynchronous methods return."""

from __future__ import annotations

from mpconform.kit import Task, promise, raises, verifies
from mpconform.sections.process_pools.helpers import (
    Refused,
    arguments,
    arrived,
    note,
    pair,
    refuse,
    return_when_open,
    returned,
    running,
    same,
    settled,
    square,
    square_of_task,
    square_when_open,
)


@verifies(
    "pool.apply.returns-the-result",
    "pool.apply.without-arguments",
    "pool.apply.runs-in-one-worker",
    "pool.apply.raises-the-exception",
)
def test_apply_passes_what_is_given_to_one_worker_and_gives_what_comes_of_it(mp, journal, patience):
    with running(mp.Pool(2)) as pool:
        with promise("pool.apply.returns-the-result"):
            call = "apply(f, ('a', ['b']), {'c': 1, 'd': None}), where f returns its arguments,"
            answer = returned(Task(pool.apply, arguments, ("a", ["b"]), {"c": 1, "d": None}), call)
            assert answer == (("a", ["b"]), {"c": 1, "d": None}), f"{call} returned {answer!r}"
        with promise("pool.apply.without-arguments"):
            answers = [pool.apply(arguments), pool.apply(arguments, ("a",)), pool.apply(arguments, (), {"c": 1})]
            assert answers == [((), {}), (("a",), {}), ((), {"c": 1})], (
                "apply(f), apply(f, ('a',)) and apply(f, (), {'c': 1}), where f returns its arguments, returned"
                f" {answers!r}"
            )
        with promise("pool.apply.runs-in-one-worker"):
            for number in range(5):
                pool.apply(note, (journal, number))
            call = "apply() of 5 functions, one after another, on a Pool(2)"
            patience.never(lambda: len(journal.read()) > 5, f"{call} runs more than 5")
            assert journal.read() == list(range(5)), f"{call}: those that ran are {journal.read()}"
        with promise("pool.apply.raises-the-exception"):
            with raises(Refused, "apply() of a function that raises Refused") as caught:
                Task(pool.apply, refuse, (7,)).result("apply() of a function that raises comes to its end")
            assert caught.value.args == ("refused", 7), (
                f"apply() raised {caught.value!r}, the function Refused('refused', 7)"
            )


@verifies(
    "pool.apply_async.passes-arguments",
    "pool.apply_async.returns-async-result",
    "pool.map_async.returns-async-result",
    "pool.starmap_async.returns-async-result",
    "pool.apply_async.results-belong-to-their-calls",
)
def test_apply_async_gives_each_call_its_arguments_and_its_result(mp):
    results = []

    def submit(numbers):
        for number in numbers:
            results.append((number, pool.apply_async(square, (number,))))

    with running(mp.Pool(2)) as pool:
        with promise("pool.apply_async.passes-arguments"):
            submitted = [
                pool.apply_async(arguments),
                pool.apply_async(arguments, ("a",)),
                pool.apply_async(arguments, ["a", "b"], {"c": 1}),
            ]
            answers = [
                arrived(result, "apply_async() of a function that returns its arguments") for result in submitted
            ]
            assert answers == [((), {}), (("a",), {}), (("a", "b"), {"c": 1})], (
                "apply_async(f), apply_async(f, ('a',)) and apply_async(f, ['a', 'b'], {'c': 1}), where f returns its"
                f" arguments, gave {answers!r}"
            )
        asynchronous = {
            "apply_async": lambda: pool.apply_async(square, (3,)),
            "map_async": lambda: pool.map_async(square, range(3)),
            "starmap_async": lambda: pool.starmap_async(pair, [(1, 2)]),
        }
        for method, function in asynchronous.items():
            with promise(f"pool.{method}.returns-async-result"):
                result = function()
                assert isinstance(result, mp.pool.AsyncResult), (
                    f"{method}() returned {result!r}, which is no AsyncResult"
                )
        with promise("pool.apply_async.results-belong-to-their-calls"):
            threads = [Task(submit, range(start, 300, 3)) for start in range(3)]
            for thread in threads:
                returned(thread, "100 apply_async() in each of three threads")
            for number, result in reversed(results):
                call = f"apply_async(square, ({number},)), one of 300"
                answer = arrived(result, call)
                assert answer == number * number, f"{call}: get() returned {answer!r}"
            texts = [str(number) * 100_000 for number in range(20)]  # larger than a pipe, in both directions at once
            large = [pool.apply_async(same, (text,)) for text in texts]
            for number, (text, result) in enumerate(zip(texts, large, strict=True)):
                answer = arrived(result, "apply_async() of a function that returns a large argument, one of 20")
                assert answer == text, (
                    f"apply_async(f, ('{number}' * 100_000,)), where f returns its argument, one of 20: get() returned"
                    f" {answer[:20]!r}..., {len(answer)} characters"
                )


@verifies(
    "pool.apply_async.returns-before-result",
    "pool.map_async.returns-before-result",
    "pool.starmap_async.returns-before-result",
)
def test_asynchronous_methods_return_while_the_calls_run(mp, gate):
    with running(mp.Pool(1)) as pool:
        apply_async = Task(pool.apply_async, return_when_open, (gate, "late"))
        map_async = Task(pool.map_async, square_of_task, [(2,), (3, gate)])
        starmap_async = Task(pool.starmap_async, square_when_open, [(2,), (3, gate)])
        calls = [apply_async, map_async, starmap_async]
        settled(calls)
        early = [call for call in calls if call.is_done()]
        gate.open()

        def check(call, name, promised):
            assert call in early, f"{name} of a function that waits for a gate does not return while the call runs"
            answer = arrived(returned(call, name), f"{name} of a function that waits for a gate, which is open now")
            assert answer == promised, f"get() of {name}, one call of which was late, gave {answer!r}"

        with promise("pool.apply_async.returns-before-result"):
            check(apply_async, "apply_async()", "late")
        with promise("pool.map_async.returns-before-result"):
            check(map_async, "map_async()", [4, 9])
        with promise("pool.starmap_async.returns-before-result"):
            check(starmap_async, "starmap_async()", [4, 9])
        settled(calls)
