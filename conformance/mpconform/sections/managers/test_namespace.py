"""Namespace objects, and proxies for them.

The private name of the tests ends with an underscore too: it begins with one, and that is what counts.
"""

from __future__ import annotations

import pickle

from mpconform.kit import promise, raises, verifies, works
from mpconform.sections.managers.helpers import in_child, managed

EXAMPLE = """
    if __name__ == "__main__":
        manager = mp.Manager()
        Global = manager.Namespace()
        Global.x = 10
        Global.y = 'hello'
        Global._z_ = 12.3
        print(Global)
    """
"""The example of the documentation, but for the underscore at the end."""


def note_and_set(namespace):
    """Return an attribute and set another."""
    found = namespace.of_parent
    namespace.of_child = ["child"]
    return found


@verifies(
    "namespace_object.class.no-public-methods",
    "namespace_object.attributes.are-writable",
    "namespace_object.attributes.missing-raises",
    "namespace_object.repr.shows-attributes",
    "namespace_object.underscore.belongs-to-the-proxy",
    "namespace_object.attributes.shared-between-processes",
)
def test_attributes_of_a_namespace(mp, scratch):
    with promise("namespace_object.class.no-public-methods"):
        found = [name for name in dir(mp.managers.Namespace()) if not name.startswith("_")]
        assert not found, f"Namespace() has the public attributes {found}, promised are none"
    with managed(mp) as manager:
        with promise("namespace_object.attributes.are-writable"):
            namespace = manager.Namespace()
            namespace.x = 1
            found = [namespace.x]
            namespace.x = ["new"]
            found.append(namespace.x)
            assert found == [1, ["new"]], f"x after x = 1 and after x = ['new']: {found}"
        with promise("namespace_object.attributes.missing-raises"):
            namespace = manager.Namespace()
            with raises(AttributeError, "reading an attribute of a Namespace() that was not set"):
                _ = namespace.x
        with promise("namespace_object.repr.shows-attributes"):
            here, namespace = mp.managers.Namespace(), manager.Namespace()
            for one in (here, namespace):
                one.x, one.y = 10, "hello"
            for text in (repr(here), str(namespace)):
                assert all(part in text for part in ("x", "10", "y", "'hello'")), (
                    f"the representation {text!r} does not show x and 10, y and 'hello'"
                )
        with promise("namespace_object.underscore.belongs-to-the-proxy"):
            namespace = manager.Namespace()
            other = pickle.loads(pickle.dumps(namespace))
            namespace._z_ = 12.3
            found, text = namespace._z_, str(namespace)
            assert found == 12.3, f"_z_ of the proxy that it was set on is {found!r}, set was 12.3"
            assert "12.3" not in text, f"the referent is {text!r} after _z_ was set on its proxy: it is not to have it"
            assert not hasattr(other, "_z_"), "another proxy has _z_, which was set on one proxy only"
        with promise("namespace_object.attributes.shared-between-processes"):
            namespace = manager.Namespace()
            namespace.of_parent = "parent"
            seen = in_child(mp, scratch, note_and_set, namespace)
            assert seen == "parent", f"a child read {seen!r} of an attribute that its parent set to 'parent'"
            with works("reading an attribute that a child has set"):
                found = namespace.of_child
            assert found == ["child"], f"an attribute that a child set to ['child'] is {found!r}"


@verifies("namespace_object.example.global")
def test_example_prints_the_public_attributes(program):
    outcome = program(EXAMPLE)
    assert outcome.output.strip() == "Namespace(x=10, y='hello')", f"the example ended with {outcome}"
