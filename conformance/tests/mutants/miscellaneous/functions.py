"""Mutants of active_children(), cpu_count(), current_process(), parent_process() and freeze_support()."""

from __future__ import annotations

import copy
import multiprocessing
import multiprocessing.process
import os
import sys
import time
from types import SimpleNamespace
from typing import Any

from mutants import mutant, replace
from mutants.miscellaneous.common import BaseContext, BaseProcess, instead_of, started

# active_children


@mutant("active_children.call.returns-live-children")
def daemonic_children_are_left_out() -> None:
    @instead_of("active_children")
    def active_children(original: Any) -> list[Any]:
        return [child for child in original() if not child.daemon]


@mutant("active_children.call.empty-without-children")
def processes_count_before_they_are_started() -> None:
    made: list[Any] = []

    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        made.append(self)

    @instead_of("active_children")
    def active_children(original: Any) -> list[Any]:
        return [*original(), *(process for process in made if process.pid is None)]


@mutant("active_children.call.drops-ended-children", "active_children.call.joins-ended-children")
def children_are_not_polled() -> None:
    children = started()

    @instead_of("active_children")
    def active_children(original: Any) -> list[Any]:
        return list(children)


@mutant("active_children.call.own-children-only")
def children_have_the_children_of_their_parent() -> None:
    children = started()

    @instead_of("active_children")
    def active_children(original: Any) -> list[Any]:
        own = original()
        return [*own, *(child for child in children if child not in own)]


@mutant("active_children.call.children-of-all-contexts")
def each_context_has_children_of_its_own() -> None:
    def active_children(self: Any) -> list[Any]:
        return [child for child in multiprocessing.active_children() if isinstance(child, self.Process)]

    BaseContext.active_children = active_children


@mutant("active_children.call.drops-ended-children")
def ended_children_are_seen_for_some_seconds() -> None:
    children = started()
    ended: dict[int, float] = {}

    @instead_of("active_children")
    def active_children(original: Any) -> list[Any]:
        running = original()
        for child in children:
            if child not in running and time.monotonic() < ended.setdefault(id(child), time.monotonic()) + 2.5:
                running.append(child)
        return running


@mutant("active_children.call.drops-ended-children")
def all_are_dropped_with_one() -> None:
    @instead_of("active_children")
    def active_children(original: Any) -> list[Any]:
        before = len(multiprocessing.process._children)
        running = original()
        return running if len(running) == before else []


@mutant("active_children.call.returns-live-children")
def a_set_is_returned() -> None:
    @instead_of("active_children")
    def active_children(original: Any) -> Any:
        return set(original())


@mutant("active_children.call.joins-ended-children")
def one_child_is_joined_in_a_call() -> None:
    @instead_of("active_children")
    def active_children(original: Any) -> list[Any]:
        children = multiprocessing.process._children
        others = set(list(children)[1:])
        children -= others
        original()
        children |= others
        return [child for child in children if child not in others]


# cpu_count


@mutant("cpu_count.call.number-of-the-system")
def one_cpu_too_many() -> None:
    @instead_of("cpu_count")
    def cpu_count(original: Any) -> int:
        return original() + 1


@mutant("cpu_count.call.ignores-affinity")
def usable_cpus_are_counted() -> None:
    @instead_of("cpu_count")
    def cpu_count(original: Any) -> int:
        return len(os.sched_getaffinity(0))


@mutant("cpu_count.call.undetermined-raises-notimplementederror")
def none_is_returned() -> None:
    @instead_of("cpu_count")
    def cpu_count(original: Any) -> int | None:
        return os.cpu_count()


@mutant("cpu_count.override.environment", "cpu_count.override.x-option")
def the_system_is_asked() -> None:
    @instead_of("cpu_count")
    def cpu_count(original: Any) -> int:
        return os.sysconf("SC_NPROCESSORS_ONLN")


# current_process and parent_process


@mutant("current_process.main.is-the-running-process")
def main_process_is_a_new_object() -> None:
    @instead_of("current_process")
    def current_process(original: Any) -> Any:
        return multiprocessing.Process()


@mutant("current_process.child.is-the-started-object", "current_process.call.same-object")
def current_process_is_a_copy() -> None:
    @instead_of("current_process")
    def current_process(original: Any) -> Any:
        return copy.copy(original())


@mutant("current_process.child.has-the-pid-of-the-child")
def pid_is_that_of_the_parent() -> None:
    BaseProcess.pid = property(lambda self: self._parent_pid)


@mutant("parent_process.main.none")
def main_process_has_a_parent() -> None:
    @instead_of("parent_process")
    def parent_process(original: Any) -> Any:
        return original() or SimpleNamespace(pid=os.getppid(), name="shell")


@mutant("parent_process.child.is-the-parent")
def parent_has_no_name() -> None:
    @instead_of("parent_process")
    def parent_process(original: Any) -> Any:
        return SimpleNamespace(pid=original().pid, name="")


@mutant("parent_process.grandchild.is-the-child")
def parent_is_always_the_main_process() -> None:
    main = multiprocessing.current_process()
    parent = SimpleNamespace(pid=os.getpid(), name=main.name)

    @instead_of("parent_process")
    def parent_process(original: Any) -> Any:
        return parent


# freeze_support


@mutant("freeze_support.call.has-no-effect")
def freeze_support_fixes_the_start_method() -> None:
    @instead_of("freeze_support")
    def freeze_support(original: Any) -> None:
        multiprocessing.get_start_method()


@mutant("freeze_support.example.child-runs")
def freeze_support_ends_the_program() -> None:
    @instead_of("freeze_support")
    def freeze_support(original: Any) -> None:
        sys.exit()
