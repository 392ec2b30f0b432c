"""A backend that cannot be imported."""

raise RuntimeError("this backend cannot be imported")
