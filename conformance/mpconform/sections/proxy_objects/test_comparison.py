"""Proxies do nothing to support comparison by value; copies of their referents do."""

from __future__ import annotations

import operator
import pickle

from mpconform.kit import promise, raises, verifies


@verifies(
    "proxy.comparison.list-proxy-differs-from-an-equal-list",
    "proxy.comparison.not-by-value",
    "proxy.comparison.no-order",
    "proxy.comparison.copy-compares-by-value",
)
def test_proxies_do_not_compare_by_value_and_copies_do(mp):
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
            proxy, other = manager.list([1]), manager.list([2])
            for compare in operator.lt, operator.le, operator.gt, operator.ge:
                with raises(TypeError, f"operator.{compare.__name__}() of proxies of [1] and of [2]"):
                    compare(proxy, other)
                with raises(TypeError, f"operator.{compare.__name__}() of a proxy of [1] and the list [2]"):
                    compare(proxy, [2])
        with promise("proxy.comparison.copy-compares-by-value"):
            proxy = manager.list([1, 2, 3])
            answers = [proxy._getvalue() == [1, 2, 3], proxy[:] == [1, 2, 3], proxy[:] < [1, 2, 4]]
            assert answers == [True] * 3, (
                "of a proxy of [1, 2, 3]: _getvalue() == [1, 2, 3], [:] == [1, 2, 3] and [:] < [1, 2, 4] are"
                f" {answers!r}, promised is that a copy of the referent can be compared"
            )


@verifies("proxy.comparison.two-proxies-of-one-referent")
def test_whether_two_proxies_of_one_referent_are_equal(mp, observe):
    with mp.Manager() as manager:
        first = manager.list([1])
        second = pickle.loads(pickle.dumps(first))
        observe(f"two proxies of one referent are {'equal' if first == second else 'not equal'}")
