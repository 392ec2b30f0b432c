"""Namespace objects, and proxies for them.

The private name of the tests ends with an underscore too: it begins with one, and that is what counts.
"""

from __future__ import annotations

from mpconform.kit import raises, verifies
from mpconform.sections.managers.helpers import accepted, other_proxy

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


def note_and_set(journal, namespace):
    """Write down an attribute and set another."""
    journal.write(namespace.of_parent)
    namespace.of_child = ["child"]


@verifies("namespace_object.class.no-public-methods")
def test_namespace_has_no_public_methods(mp):
    found = [name for name in dir(mp.managers.Namespace()) if not name.startswith("_")]
    assert not found, f"Namespace() has the public attributes {found}, promised are none"


@verifies("namespace_object.attributes.are-writable", "namespace_object.attributes.missing-raises")
def test_attributes_are_there_once_they_were_set(mp):
    with mp.Manager() as manager:
        namespace = manager.Namespace()
        other = other_proxy(namespace)
        with raises(AttributeError, "reading an attribute of a Namespace() that was not set"):
            _ = namespace.x
        namespace.x = 1
        found = [namespace.x]
        namespace.x = ["new"]
        found += [namespace.x, other.x]
    assert found == [1, ["new"], ["new"]], f"x after x = 1, after x = ['new'], and by another proxy: {found}"


@verifies("namespace_object.attributes.shared-between-processes")
def test_attributes_are_shared_with_another_process(mp, journal):
    with mp.Manager() as manager:
        namespace = manager.Namespace()
        namespace.of_parent = "parent"
        child = mp.Process(target=note_and_set, args=(journal, namespace), daemon=True)
        child.start()
        child.join()
        assert journal.read() == ["parent"], f"a child read {journal.read()} of an attribute that its parent set"
        with accepted("reading an attribute that a child has set"):
            found = namespace.of_child
    assert found == ["child"], f"an attribute that a child set to ['child'] is {found!r}"


@verifies("namespace_object.repr.shows-attributes")
def test_representation_shows_the_attributes(mp):
    here = mp.managers.Namespace()
    here.x, here.y = 10, "hello"
    with mp.Manager() as manager:
        namespace = manager.Namespace()
        namespace.x, namespace.y = 10, "hello"
        found = repr(here), str(namespace)
    for name, value in (("x", "10"), ("y", "'hello'")):
        for text in found:
            assert name in text and value in text, f"the representation {text!r} does not show {name} and {value}"


@verifies("namespace_object.underscore.belongs-to-the-proxy")
def test_attribute_with_an_underscore_belongs_to_the_proxy(mp):
    with mp.Manager() as manager:
        namespace = manager.Namespace()
        other = other_proxy(namespace)
        namespace._z_ = 12.3
        found, text = namespace._z_, str(namespace)
        elsewhere = hasattr(other, "_z_")
    assert found == 12.3, f"_z_ of the proxy that it was set on is {found!r}, set was 12.3"
    assert "12.3" not in text, f"the referent is {text!r} after _z_ was set on its proxy: it is not to have it"
    assert not elsewhere, "another proxy has _z_, which was set on one proxy only"


@verifies("namespace_object.example.global")
def test_example_prints_the_public_attributes(program):
    outcome = program(EXAMPLE)
    assert outcome.output.strip() == "Namespace(x=10, y='hello')", f"the example ended with {outcome}"
