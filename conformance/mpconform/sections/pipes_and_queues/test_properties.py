"""Properties: any picklable object goes through, and any sequence of calls does what a plain queue would."""

from __future__ import annotations

import queue as standard
from collections import deque

from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from mpconform.kit import Task, raises, verifies
from mpconform.sections.pipes_and_queues.helpers import STOP, Pair, echo_connection, echo_queue, take

# A few characters of every kind: to choose among all takes longer than the tests.
texts = st.text("ab \n\0\xe9\u20ac\U0001f600")

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | texts
    | st.binary()
    | st.datetimes()
    | st.fractions()
    | st.builds(bytes, st.integers(0, 200_000))
)
objects = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(texts, inner, max_size=4)
        | st.frozensets(st.integers() | texts, max_size=4)
        | st.builds(Pair, inner, inner)
    ),
    max_leaves=10,
).filter(lambda item: item != STOP)


WAITING = {"block": False}, {"timeout": 0.001}
"""How a call is made that is refused: at once, or nearly so."""


def check(came, sent, call):
    assert type(came) is type(sent), f"{call}: sent was {sent!r}, what came back is {came!r} of type {type(came)}"
    assert came == sent, f"{call}: sent was {sent!r}, what came back is {came!r}"


@verifies("pipe.message.picklable-object-arrives-equal")
def test_any_picklable_object_through_a_pipe(mp):
    here, there = mp.Pipe()
    child = mp.Process(target=echo_connection, args=(there,))
    child.daemon = True
    child.start()

    @given(objects)
    @example(None)
    @example(True)
    @example(b" \n")
    @example(bytes(1_000_000))
    def goes_through(item):
        here.send(item)
        came = Task(here.recv).result(f"recv() of {item!r}, which a child was to send back")
        check(came, item, "to a child and back through Pipe()")

    goes_through()
    here.send(STOP)
    child.join()


@verifies("queue.item.picklable-object-arrives-equal")
def test_any_picklable_object_through_a_queue(mp):
    there, back = mp.Queue(), mp.Queue()
    child = mp.Process(target=echo_queue, args=(there, back))
    child.daemon = True
    child.start()

    @given(objects)
    @example(None)
    @example(True)
    @example(b" \n")
    @example(bytes(1_000_000))
    def goes_through(item):
        there.put(item)
        check(take(back), item, "to a child and back through Queue()")

    goes_through()
    there.put(STOP)
    child.join()


@verifies("simple_queue.item.picklable-object-arrives-equal")
def test_any_picklable_object_through_a_simple_queue(mp):
    there, back = mp.SimpleQueue(), mp.SimpleQueue()
    child = mp.Process(target=echo_queue, args=(there, back))
    child.daemon = True
    child.start()

    @given(objects)
    @example(None)
    @example(True)
    @example(b" \n")
    @example(bytes(1_000_000))
    def goes_through(item):
        there.put(item)
        check(take(back), item, "to a child and back through SimpleQueue()")

    goes_through()
    there.put(STOP)
    child.join()


@verifies("queue.operations.match-a-bounded-fifo")
def test_any_sequence_of_operations_does_what_a_plain_queue_does(mp):
    class Operations(RuleBasedStateMachine):
        """The queue, and beside it the plain queue that it should be like."""

        @initialize(maxsize=st.integers(0, 3))
        def make(self, maxsize):
            self.queue = mp.Queue(maxsize)
            self.model = deque()
            self.maxsize = maxsize

        def is_full(self):
            return 0 < self.maxsize <= len(self.model)

        @precondition(lambda self: not self.is_full())
        @rule(item=st.integers(), block=st.booleans())
        def put(self, item, block):
            self.queue.put(item, block=block)
            self.model.append(item)

        @precondition(is_full)
        @rule(item=st.integers(), waiting=st.sampled_from(WAITING))
        def put_on_a_full_queue(self, item, waiting):
            with raises(
                standard.Full, f"put({item}, **{waiting}) on a Queue({self.maxsize}) that holds {list(self.model)}"
            ):
                self.queue.put(item, **waiting)

        @precondition(lambda self: self.model)
        @rule()
        def get(self):
            item = take(self.queue)
            assert item == self.model[0], f"get() returned {item!r}, the queue should hold {list(self.model)}"
            self.model.popleft()

        @precondition(lambda self: not self.model)
        @rule(waiting=st.sampled_from(WAITING))
        def get_from_an_empty_queue(self, waiting):
            with raises(standard.Empty, f"get(**{waiting}) on a queue from which all items were got"):
                self.queue.get(**waiting)

        def teardown(self):
            while self.model:
                self.get()
            getattr(self.queue, "close", int)()  # which ends its thread; what has none need not have it

    run_state_machine_as_test(Operations, settings=settings(stateful_step_count=20))
