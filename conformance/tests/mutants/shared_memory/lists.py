"""Mutants of ShareableList."""

from __future__ import annotations

from multiprocessing.shared_memory import ShareableList
from types import SimpleNamespace
from typing import Any

from mutants import mutant, replace


@mutant("shareable_list.call.holds-the-values")
def an_empty_str_becomes_none() -> None:
    @replace(ShareableList, "__getitem__")
    def get(original: Any, self: Any, position: int) -> Any:
        item = original(self, position)
        return None if item == "" else item


def changing_the_sequence(change: Any) -> None:
    """Make lists of what ``change`` returns for a sequence."""

    @replace(ShareableList, "__init__")
    def init(original: Any, self: Any, sequence: Any = None, *, name: Any = None) -> None:
        original(self, None if sequence is None else change(sequence), name=name)


@mutant("shareable_list.call.takes-any-sequence")
def only_lists_are_taken() -> None:
    changing_the_sequence(lambda sequence: sequence if isinstance(sequence, list) else [sequence])


@mutant("shareable_list.len.is-that-of-the-sequence")
def len_is_one_too_many() -> None:
    @replace(ShareableList, "__len__")
    def length(original: Any, self: Any) -> Any:
        return original(self) + 1


@mutant("shareable_list.call.name-is-that-of-the-block")
def the_name_of_a_new_list_is_ignored() -> None:
    @replace(ShareableList, "__init__")
    def init(original: Any, self: Any, sequence: Any = None, *, name: Any = None) -> None:
        original(self, sequence, name=name if sequence is None else None)


@mutant("shareable_list.call.attaches-by-name")
def attaching_makes_a_copy() -> None:
    @replace(ShareableList, "__init__")
    def init(original: Any, self: Any, sequence: Any = None, *, name: Any = None) -> None:
        original(self, sequence, name=name)
        if sequence is None:
            copied = list(self)
            self.shm.close()
            original(self, copied)


@mutant("shareable_list.values.int-of-64-bits")
def an_int_has_32_bits() -> None:
    @replace(ShareableList, "__getitem__")
    def get(original: Any, self: Any, position: int) -> Any:
        item = original(self, position)
        return item & 0xFFFFFFFF if type(item) is int else item


@mutant("shareable_list.values.almost-10m-bytes")
def long_values_are_refused() -> None:
    def check(sequence: Any) -> Any:
        for value in sequence:
            if isinstance(value, str | bytes) and len(value) > 1_000_000:
                raise ValueError("too long")
        return sequence

    changing_the_sequence(check)


@mutant("shareable_list.values.other-types-are-refused")
def values_of_other_types_become_str() -> None:
    storable = (int, float, bool, str, bytes, type(None))
    changing_the_sequence(lambda items: [item if isinstance(item, storable) else str(item) for item in items])


@mutant("shareable_list.getitem.like-a-list")
def negative_indexes_count_from_zero() -> None:
    @replace(ShareableList, "__getitem__")
    def get(original: Any, self: Any, position: int) -> Any:
        return original(self, position if position >= 0 else -position - 1)


@mutant("shareable_list.setitem.replaces-the-value")
def setting_by_a_negative_index_counts_from_zero() -> None:
    @replace(ShareableList, "__setitem__")
    def assign(original: Any, self: Any, position: int, value: Any) -> None:
        original(self, position if position >= 0 else -position - 1, value)


@mutant("shareable_list.setitem.changes-the-type")
def an_item_keeps_its_type() -> None:
    @replace(ShareableList, "__setitem__")
    def assign(original: Any, self: Any, position: int, value: Any) -> None:
        original(self, position, value if value is None else type(self[position])(value))


@mutant("shareable_list.setitem.too-long-raises-valueerror")
def a_long_value_is_cut() -> None:
    @replace(ShareableList, "__setitem__")
    def assign(original: Any, self: Any, position: int, value: Any) -> None:
        try:
            original(self, position, value)
        except ValueError:
            original(self, position, value[:3])


@mutant("shareable_list.operations.match-a-list", "shareable_list.index.first-position")
def index_finds_the_last() -> None:
    def index(self: Any, value: Any) -> int:
        return max(place for place, item in enumerate(self) if item == value)

    ShareableList.index = index


@mutant("shareable_list.index.missing-raises-valueerror")
def index_of_what_is_missing_is_minus_one() -> None:
    @replace(ShareableList, "index")
    def index(original: Any, self: Any, value: Any) -> int:
        return original(self, value) if value in list(self) else -1


@mutant("shareable_list.count.occurrences")
def count_looks_at_types() -> None:
    ShareableList.count = lambda self, value: sum(type(item) is type(value) and item == value for item in self)


@mutant("shareable_list.length.cannot-change")
def there_is_an_append() -> None:
    ShareableList.append = lambda self, value: None


@mutant("shareable_list.slice.gives-no-shareable-list")
def a_slice_is_a_new_list() -> None:
    @replace(ShareableList, "__getitem__")
    def get(original: Any, self: Any, position: Any) -> Any:
        return ShareableList(list(self)[position]) if isinstance(position, slice) else original(self, position)


@mutant("shareable_list.format.packs-the-values")
def format_is_that_of_ints() -> None:
    ShareableList.format = property(lambda self: "q" * len(self))


@mutant("shareable_list.format.follows-the-types")
def format_is_kept_from_the_start() -> None:
    whole = ShareableList.format

    @replace(ShareableList, "__init__")
    def init(original: Any, self: Any, *args: Any, **options: Any) -> None:
        original(self, *args, **options)
        self.kept = whole.fget(self)

    ShareableList.format = property(lambda self: self.kept)


@mutant("shareable_list.format.read-only")
def format_can_be_assigned() -> None:
    ShareableList.format = ShareableList.format.setter(lambda self, value: None)


@mutant("shareable_list.shm.is-the-block")
def shm_is_something_like_it() -> None:
    @replace(ShareableList, "__init__")
    def init(original: Any, self: Any, *args: Any, **options: Any) -> None:
        original(self, *args, **options)
        real = self.shm
        self.shm = SimpleNamespace(buf=real.buf, name=real.name, close=real.close, unlink=real.unlink)


@mutant("shareable_list.repr.shows-values-and-name")
def repr_shows_no_name() -> None:
    ShareableList.__repr__ = lambda self: f"ShareableList({list(self)})"


@mutant("shareable_list.pickle.is-the-same-list")
def the_values_are_pickled() -> None:
    ShareableList.__reduce__ = lambda self: (ShareableList, (list(self),))


@mutant("shareable_list.length.cannot-change")
def there_is_a_pop() -> None:
    ShareableList.pop = lambda self, place=-1: self[place]


@mutant("shareable_list.length.cannot-change")
def deleting_an_item_does_nothing() -> None:
    ShareableList.__delitem__ = lambda self, place: None
