"""freeze_support() in programs that are not frozen."""

from __future__ import annotations

from mpconform.kit import verifies


@verifies("freeze_support.call.has-no-effect")
def test_freeze_support_changes_nothing(program):
    outcome = program(
        """
        import sys

        def state():
            return sys.argv[1:], package.get_start_method(allow_none=True), len(package.active_children())

        if __name__ == "__main__":
            before = state()
            package.freeze_support()
            print("went on,", "no change" if state() == before else f"before {before}, after {state()}")
        """,
        "an argument",
    )
    assert outcome.output.strip() == "went on, no change" and outcome.status == 0, (
        f"freeze_support() in a program that is not frozen: {outcome}, promised to have no effect on its arguments,"
        " its start method and its children"
    )


@verifies("freeze_support.example.child-runs")
def test_freeze_support_before_a_child_is_started(program, start_method):
    outcome = program(
        """
        import sys

        def f():
            print("hello world!", flush=True)

        if __name__ == "__main__":
            package.freeze_support()
            package.set_start_method(sys.argv[1])
            package.Process(target=f).start()
        """,
        start_method,
    )
    assert outcome.output == "hello world!\n" and outcome.status == 0, (
        f"freeze_support(), then a child that prints 'hello world!': {outcome}, promised that line once and status 0"
    )
