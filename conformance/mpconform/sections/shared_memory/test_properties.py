"""Properties: a ShareableList holds any values, and any sequence of calls does what a list would."""

from __future__ import annotations

from contextlib import ExitStack

from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from mpconform.kit import promise, raises, verifies
from mpconform.sections.shared_ctypes_objects.strategies import unshrunk
from mpconform.sections.shared_memory.helpers import shareable_list, typed

ASCII = "".join(map(chr, range(128)))
"""Written out: of characters by their properties Hypothesis makes tables first, in each sandbox."""

numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.booleans() | st.none()
often = st.sampled_from([0, 1, True, None, 0.5]) | numbers
"""Numbers that are drawn more than once, so that there is something to count."""


def texts(size):
    """Return a strategy of strings of at most ``size`` bytes, in ASCII and without NUL at the end."""
    return st.text(ASCII, max_size=size).filter(lambda text: not text.endswith("\0"))


def data(size):
    """Return a strategy of at most ``size`` bytes without NUL at the end."""
    return st.binary(max_size=size).filter(lambda content: not content.endswith(b"\0"))


lists = st.lists(numbers | texts(30) | data(30), max_size=8)


@verifies("shareable_list.call.holds-the-values")
def test_any_values_are_held(mp):
    @unshrunk
    @given(lists)
    @example([])
    @example(["", b"", "12345678", b"12345678", 0.0, -1, None, True, False])
    def are_held(values):
        with shareable_list(mp, values) as made:
            came = list(made)
        assert typed(came) == typed(values), f"ShareableList({values}) holds {came}"

    are_held()


repeated = st.lists(st.sampled_from([0, 1, 2.5, "a", "b", b"a", None, True, ""]), min_size=1, max_size=9)
"""Values of which some are equal."""


@verifies("shareable_list.count.occurrences", "shareable_list.index.first-position")
def test_count_and_index_are_those_of_a_list(mp):
    @unshrunk
    @given(repeated)
    def counts_the_same(values):
        with shareable_list(mp, values) as made:
            for value in (*values, 7):
                came, promised = made.count(value), values.count(value)
                assert came == promised, f"ShareableList({values}).count({value!r}) is {came}, promised is {promised}"

    @unshrunk
    @given(repeated)
    def finds_the_same(values):
        with shareable_list(mp, values) as made:
            for value in values:
                came, promised = made.index(value), values.index(value)
                assert came == promised, f"ShareableList({values}).index({value!r}) is {came}, promised is {promised}"

    with promise("shareable_list.count.occurrences"):
        counts_the_same()
    with promise("shareable_list.index.first-position"):
        finds_the_same()


@verifies("shareable_list.operations.match-a-list")
def test_any_sequence_of_operations_does_what_a_list_does(mp):
    class Operations(RuleBasedStateMachine):
        """The list, and beside it the plain list that it should be like.

        A str or bytes is set only where one as long was when the list was made; numbers are set everywhere.
        """

        @initialize(values=st.lists(often | texts(30) | data(30), min_size=1, max_size=6))
        def make(self, values):
            self.model = list(values)
            self.room = [len(value) if isinstance(value, (str, bytes)) else 0 for value in values]
            self.stack = ExitStack()
            self.shared = self.stack.enter_context(shareable_list(mp, values))

        def check(self, call):
            came = list(self.shared)
            assert typed(came) == typed(self.model), f"after {call} the list holds {came}, promised is {self.model}"

        @rule(index=st.integers(-6, 6))
        def get(self, index):
            index = max(index, -len(self.model))
            if index < len(self.model):
                came, promised = self.shared[index], self.model[index]
                assert typed([came]) == typed([promised]), f"l[{index}] is {came!r}, l should be {self.model}"
            else:
                with raises(IndexError, f"l[{index}] of a list like {self.model}"):
                    self.shared[index]

        @rule(index=st.integers(0, 5), value=often | texts(30) | data(30))
        def set(self, index, value):
            index %= len(self.model)
            if isinstance(value, (str, bytes)):
                value = value[: self.room[index]]
                value = value.rstrip("\0") if isinstance(value, str) else value.rstrip(b"\0")
                if not value:
                    return
            self.shared[index] = self.model[index] = value
            self.check(f"l[{index}] = {value!r}")

        @rule(index=st.integers(0, 5))
        def set_too_long(self, index):
            index %= len(self.model)
            with raises(ValueError, f"l[{index}] = 'x' * 1000 on a list like {self.model}"):
                self.shared[index] = "x" * 1000
            self.check(f"l[{index}] = 'x' * 1000, which was refused,")

        @rule(value=often | st.just(""))
        def search(self, value):
            came, promised = self.shared.count(value), self.model.count(value)
            assert came == promised, f"l.count({value!r}) is {came}, l should be {self.model}"
            if promised:
                came, promised = self.shared.index(value), self.model.index(value)
                assert came == promised, f"l.index({value!r}) is {came}, l should be {self.model}"
            else:
                with raises(ValueError, f"l.index({value!r}) of a list like {self.model}"):
                    self.shared.index(value)

        @rule(index=st.integers(0, 5), value=st.sampled_from([0, None, 0.5]))
        def set_all_from(self, index, value):
            """Make items equal, so that there is a first and a last one to find."""
            for place in range(index % len(self.model), len(self.model)):
                self.shared[place] = self.model[place] = value
            self.search(value)

        @rule()
        def length(self):
            assert len(self.shared) == len(self.model), f"len(l) is {len(self.shared)}, l should be {self.model}"

        def teardown(self):
            if hasattr(self, "stack"):
                self.stack.close()

    run_state_machine_as_test(Operations, settings=settings(unshrunk, max_examples=25, stateful_step_count=15))
