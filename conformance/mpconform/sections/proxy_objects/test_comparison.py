"""Proxies do nothing to support comparison by value; copies of their referents do."""

from __future__ import annotations

import operator
import pickle

from mpconform.kit import promise, verifies


def answer(compare, left, right):
    """Return what a comparison gives, or None if it raises."""
    try:
        return compare(left, right)
    except Exception:
        return None


@verifies(
    "proxy.comparison.list-proxy-differs-from-an-equal-list",
    "proxy.comparison.not-by-value",
    "proxy.comparison.no-order",
    "proxy.comparison.copy-compares-by-value",
    "proxy.comparison.two-proxies-of-one-referent",
)
def test_proxies_do_not_compare_by_value_and_copies_do(mp, observe):
    with mp.Manager() as manager:
        with promise("proxy.comparison.list-proxy-differs-from-an-equal-list"):
            proxy, equal = manager.list([1, 2, 3]), [1, 2, 3]
            answers = [proxy == equal, equal == proxy]
            assert answers == [False, False], (
                f"manager.list([1, 2, 3]) == [1, 2, 3], and the other way round, are {answers!r}, promised is False"
            )
        with promise("proxy.comparison.not-by-value"):
            first, second, mapping = manager.list([1, 2, 3]), manager.list([1, 2, 3]), manager.dict({"a": 1})
            answers = [first == second, mapping == {"a": 1}, mapping == manager.dict({"a": 1})]
            assert answers == [False] * 3, (
                "a list proxy == another of an equal list, a dict proxy == an equal dict, a dict proxy == another of an"
                f" equal dict: these are {answers!r}, promised is that nothing supports comparison by value"
            )
        with promise("proxy.comparison.no-order"):
            for compare in operator.lt, operator.le, operator.gt, operator.ge:
                for name, right in ("another one", manager.list([2])), ("a list", [2]):
                    proxy = manager.list([1])
                    answers = [answer(compare, proxy, right)]
                    proxy[0] = 3  # an order of something else stays as it was
                    answers.append(answer(compare, proxy, right))
                    by_value = [compare([1], [2]), compare([3], [2])]
                    assert answers != by_value, (
                        f"operator.{compare.__name__}() of a list proxy and {name} with [2], for the list [1] and then"
                        f" [3], gave {answers}; promised is that nothing supports comparison by value"
                    )
        with promise("proxy.comparison.copy-compares-by-value"):
            proxy = manager.list([1, 2, 3])
            answers = [proxy._getvalue() == [1, 2, 3], proxy[:] == [1, 2, 3], proxy[:] < [1, 2, 4]]
            assert answers == [True] * 3, (
                "of a proxy of [1, 2, 3]: _getvalue() == [1, 2, 3], [:] == [1, 2, 3] and [:] < [1, 2, 4] are"
                f" {answers!r}, promised is that a copy of the referent can be compared"
            )
        first = manager.list([1])
        second = pickle.loads(pickle.dumps(first))
        observe(f"two proxies of one referent are {'equal' if first == second else 'not equal'}")
