"""get_start_method() and set_start_method(), each in a program of its own: they concern the whole program."""

from __future__ import annotations

from mpconform.kit import verifies
from mpconform.sections.miscellaneous.helpers import STARTED


def other_than(method):
    """Return the name of another start method, which every Unix has."""
    return "spawn" if method == "fork" else "fork"


@verifies("get_start_method.allow_none.none-when-unset")
def test_allow_none_gives_none_and_fixes_nothing(program):
    outcome = program("print([package.get_start_method(allow_none=True), package.get_start_method(True)])")
    assert outcome.output.strip() == "[None, None]", (
        f"two get_start_method(allow_none=True) in a program that sets none: {outcome}, promised None and None"
    )


@verifies("get_start_method.call.fixes-the-default")
def test_the_first_question_fixes_the_default(program):
    outcome = program(
        """
        default = package.get_all_start_methods()[0]
        print([package.get_start_method() == default, package.get_start_method(allow_none=True) == default])
        """
    )
    assert outcome.output.strip() == "[True, True]", (
        "whether get_start_method(), then get_start_method(allow_none=True), return the default in a program that sets"
        f" none: {outcome}, promised that the first returns it and fixes it"
    )


@verifies("get_start_method.call.returns-what-was-set", "get_start_method.allow_none.name-when-set")
def test_what_was_set_is_returned(program, start_method):
    outcome = program(
        """
        import sys

        package.set_start_method(sys.argv[1])
        print(package.get_start_method(), package.get_start_method(allow_none=True), package.get_start_method(False))
        """,
        start_method,
    )
    assert outcome.output.split() == [start_method] * 3, (
        f"set_start_method({start_method!r}), then get_start_method(), with allow_none=True, with False: {outcome},"
        f" promised {start_method!r} from each"
    )


@verifies("set_start_method.call.children-are-started-so")
def test_children_are_started_by_the_method_that_was_set(program, start_method, journal):
    outcome = program(STARTED, start_method, journal.path)
    assert journal.read() == [start_method], (
        f"set_start_method({start_method!r}): a child was started by {journal.read()}; {outcome}"
    )


SECOND = """
    import sys

    package.set_start_method(sys.argv[1])
    try:
        package.set_start_method(sys.argv[2])
    except Exception as error:
        print("raised", type(error).__name__)
    else:
        print("returned")
    print(package.get_start_method() == sys.argv[1])
    """
"""A program that sets two start methods, tells what came of the second call, and whether the first is still set."""


@verifies("set_start_method.call.second-outcome")
def test_what_a_second_call_does(program, start_method, observe):
    outcome = program(SECOND, start_method, other_than(start_method))
    what, _, kept = outcome.output.strip().partition("\n")
    observe(f"{what}; the start method is {'as before' if kept == 'True' else 'changed'}")


@verifies("set_start_method.call.second-raises-runtimeerror")
def test_a_second_call_is_refused(program, start_method):
    outcome = program(SECOND, start_method, other_than(start_method))
    assert outcome.output.split("\n")[:2] == ["raised RuntimeError", "True"], (
        "a second set_start_method(), and whether the first method is still set:"
        f" {outcome}, promised RuntimeError and True"
    )


@verifies("set_start_method.call.unknown-name")
def test_what_an_unknown_name_leads_to(program, observe):
    outcome = program(
        """
        try:
            package.set_start_method("thread")
        except Exception as error:
            print("raises", type(error).__name__)
        else:
            print("is taken")
        """
    )
    observe(outcome.output.strip())


@verifies("set_start_method.force.replaces-the-method")
def test_force_replaces_the_method(program, start_method):
    outcome = program(
        """
        import sys

        package.set_start_method(sys.argv[2])
        package.set_start_method(sys.argv[1], force=True)
        print(package.get_start_method())
        """,
        start_method,
        other_than(start_method),
    )
    assert outcome.output.strip() == start_method, (
        f"set_start_method({other_than(start_method)!r}), set_start_method({start_method!r}, force=True),"
        f" get_start_method(): {outcome}, promised {start_method!r}"
    )


@verifies("set_start_method.force.none-unsets-the-method")
def test_none_with_force_unsets_the_method(program, start_method):
    outcome = program(
        """
        import sys

        package.set_start_method(sys.argv[2])
        package.set_start_method(None, force=True)
        unset = package.get_start_method(allow_none=True)
        package.set_start_method(sys.argv[1])
        print(unset, package.get_start_method())
        """,
        start_method,
        other_than(start_method),
    )
    assert outcome.output.split() == ["None", start_method], (
        "set_start_method(None, force=True) after another, get_start_method(allow_none=True), then"
        f" set_start_method({start_method!r}), get_start_method(): {outcome}, promised None and {start_method!r}"
    )


@verifies("set_start_method.none.sets-the-default")
def test_none_without_force_sets_the_default(program):
    outcome = program(
        """
        package.set_start_method(None)
        print(package.get_start_method(allow_none=True) == package.get_all_start_methods()[0])
        """
    )
    assert outcome.output.strip() == "True", (
        f"whether after set_start_method(None) the default method is set: {outcome}, promised True"
    )
