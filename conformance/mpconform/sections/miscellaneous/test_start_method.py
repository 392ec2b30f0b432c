"""get_start_method() and set_start_method(), each in a program of its own: they concern the whole program."""

from __future__ import annotations

from mpconform.kit import promise, verifies
from mpconform.sections.miscellaneous.helpers import STARTED, TELL, other_than, told


@verifies(
    "get_start_method.allow_none.none-when-unset",
    "get_start_method.call.fixes-the-default",
    "start_methods.get_all.first-is-default",
)
def test_the_start_method_of_a_program_that_sets_none(program):
    outcome = program(
        TELL
        + """
    tell("unset", lambda: [package.get_start_method(allow_none=True), package.get_start_method(True)])
    tell("default", package.get_start_method)
    tell("fixed", lambda: package.get_start_method(allow_none=True))
    tell("another", lambda: package.set_start_method(package.get_all_start_methods()[-1]))
    tell("kept", package.get_start_method)
    tell("first", lambda: package.get_all_start_methods()[0])
    """
    )
    found = told(outcome)
    with promise("get_start_method.allow_none.none-when-unset"):
        assert found.get("unset") == [None, None], (
            "two calls of get_start_method(allow_none=True) in a program that sets none:"
            f" {found.get('unset')}, promised None and None; {outcome}"
        )
    with promise("get_start_method.call.fixes-the-default"):
        default, fixed, kept = found.get("default"), found.get("fixed"), found.get("kept")
        assert default in ("fork", "spawn", "forkserver") and fixed == default, (
            f"get_start_method(), then get_start_method(allow_none=True), in a program that sets none: {default} and"
            f" {fixed}, promised the default twice, because the first call fixes it; {outcome}"
        )
        assert kept == default, (
            f"get_start_method() was {default} in a program that sets none, and is {kept} after an attempt to set"
            f" another, which came to {found.get('another')}; promised is that the first call fixes it; {outcome}"
        )
    with promise("start_methods.get_all.first-is-default"):
        default, first = found.get("default"), found.get("first")
        assert first is not None and first == default, (
            f"get_all_start_methods()[0] is {first}, get_start_method() in a program that sets none is {default};"
            f" promised are the same; {outcome}"
        )


@verifies(
    "get_start_method.call.returns-what-was-set",
    "get_start_method.allow_none.name-when-set",
    "get_context.none.follows-set_start_method",
    "set_start_method.call.second-raises-runtimeerror",
    "set_start_method.force.replaces-the-method",
    "set_start_method.force.none-unsets-the-method",
)
def test_the_start_method_of_a_program_that_sets_one(program, package, start_method):
    first, second = other_than(start_method, package.get_all_start_methods()), start_method
    outcome = program(
        TELL
        + """
    first, second = sys.argv[1:]
    package.set_start_method(first)
    tell("set", lambda: [package.get_start_method(), package.get_start_method(False)])
    tell("allow_none", lambda: [package.get_start_method(allow_none=True), package.get_start_method(True)])
    tell("context", lambda: package.get_context().get_start_method())
    tell("second", lambda: package.set_start_method(second))
    tell("same", lambda: package.set_start_method(first))
    tell("none", lambda: package.set_start_method(None))
    tell("after second", package.get_start_method)
    tell("forced", lambda: package.set_start_method(second, force=True))
    tell("after forced", package.get_start_method)
    tell("unset", lambda: package.set_start_method(None, force=True))
    tell("after unset", lambda: package.get_start_method(allow_none=True))
    tell("again", lambda: package.set_start_method(first))
    tell("after again", package.get_start_method)
    """,
        first,
        second,
    )
    found = told(outcome)

    def check(what, promised, *questions):
        answers = [found.get(question, "no answer") for question in questions]
        assert answers == promised, (
            f"after set_start_method({first!r}), {what}: {answers}, promised {promised}; {outcome}"
        )

    with promise("get_start_method.call.returns-what-was-set"):
        check("get_start_method(), and with False", [[first, first]], "set")
    with promise("get_start_method.allow_none.name-when-set"):
        check("get_start_method(allow_none=True), and with True", [[first, first]], "allow_none")
    with promise("get_context.none.follows-set_start_method"):
        check("get_context().get_start_method()", [first], "context")
    with promise("set_start_method.call.second-raises-runtimeerror"):
        call = f"set_start_method() with {second!r}, {first!r} and None, then get_start_method()"
        check(call, ["raised RuntimeError"] * 3 + [first], "second", "same", "none", "after second")
    with promise("set_start_method.force.replaces-the-method"):
        call = f"set_start_method({second!r}, force=True), then get_start_method()"
        check(call, [None, second], "forced", "after forced")
    with promise("set_start_method.force.none-unsets-the-method"):
        call = (
            "set_start_method(None, force=True), get_start_method(allow_none=True),"
            f" set_start_method({first!r}), get_start_method()"
        )
        check(call, [None, None, None, first], "unset", "after unset", "again", "after again")


@verifies("set_start_method.call.children-are-started-so")
def test_children_are_started_by_the_method_that_was_set(program, start_method, journal):
    outcome = program(STARTED, start_method, journal.path)
    found = journal.wait(1, f"record of the child of a program that sets {start_method!r}; {outcome}")
    assert found == [start_method], f"set_start_method({start_method!r}): a child was started by {found}; {outcome}"


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
def test_what_a_second_call_does(program, package, start_method, observe):
    outcome = program(SECOND, start_method, other_than(start_method, package.get_all_start_methods()))
    what, _, kept = outcome.output.strip().partition("\n")
    observe(f"{what}; the start method is {'as before' if kept == 'True' else 'changed'}")


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
