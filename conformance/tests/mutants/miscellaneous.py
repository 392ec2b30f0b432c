"""Mutants of the miscellaneous functions of the package."""

from __future__ import annotations

import copy
import importlib
import multiprocessing
import multiprocessing.context
import multiprocessing.managers
import multiprocessing.pool
import multiprocessing.popen_fork
import multiprocessing.process
import multiprocessing.spawn
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mutants.backend
from mutants import mutant, replace

PACKAGE: Any = multiprocessing
CONTEXTS: Any = multiprocessing.context
BaseContext: Any = multiprocessing.context.BaseContext
BaseProcess: Any = multiprocessing.process.BaseProcess

UNSEEN = {
    "set_forkserver_preload.call.preloads-the-main-module": "the standard library itself breaks it before 3.13.8",
    "set_forkserver_preload.call.finds-modules-of-sys-path": "the standard library itself breaks it before 3.13.1",
    "set_forkserver_preload.call.output-comes-once": "the standard library itself breaks it before 3.13.6",
    "start_methods.get_all.spawn-only-on-windows": "it is promised on Windows only",
    "start_methods.default.spawn-elsewhere": "it is promised on Windows and macOS only",
    "get_context.call.has-the-functions-on-start-methods": "the standard library itself breaks it",
}


def instead_of(name: str) -> Callable[[Callable[..., Any]], None]:
    """Put a function in the place of one of the package, of that name, which contexts have as well."""
    original = getattr(multiprocessing, name)

    def put(function: Callable[..., Any]) -> None:
        def instead(*args: Any, **kwargs: Any) -> Any:
            return function(original, *args, **kwargs)

        setattr(multiprocessing, name, instead)
        setattr(BaseContext, name, staticmethod(instead))

    return put


def started() -> list[Any]:
    """Return a list to which every process object is added when it is started, from now on."""
    found: list[Any] = []

    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        original(self)
        found.append(self)

    return found


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


# Start methods


@mutant("start_methods.get_all.returns-known-names")
def thread_is_a_start_method() -> None:
    @replace(mutants.backend, "get_all_start_methods")
    def get_all_start_methods(original: Any) -> list[str]:
        return [*original(), "thread"]


@mutant("start_methods.get_all.fork-and-spawn-on-unix")
def spawn_is_left_out() -> None:
    @replace(mutants.backend, "get_all_start_methods")
    def get_all_start_methods(original: Any) -> list[str]:
        return ["fork", "forkserver"]


@mutant(
    "start_methods.get_all.each-is-supported",
    "get_context.method.children-are-started-so",
    "get_context.method.has-that-start-method",
)
def forkserver_is_spawn() -> None:
    CONTEXTS._concrete_contexts["forkserver"] = CONTEXTS._concrete_contexts["spawn"]


@mutant("start_methods.get_all.first-is-default")
def default_is_the_last() -> None:
    @replace(mutants.backend, "get_all_start_methods")
    def get_all_start_methods(original: Any) -> list[str]:
        return original()[::-1]


@mutant("start_methods.default.fork-on-unix")
def default_is_spawn() -> None:
    CONTEXTS._default_context._default_context = CONTEXTS._concrete_contexts["spawn"]


@mutant("start_methods.fork.warns-in-a-threaded-process")
def warnings_are_suppressed() -> None:
    @replace(multiprocessing.popen_fork.Popen, "_launch")
    def launch(original: Any, *args: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            original(*args)


# get_context


@mutant("get_context.call.has-the-attributes-of-the-package")
def contexts_have_no_barrier() -> None:
    del BaseContext.Barrier


@mutant("get_context.method.pools-and-managers-are-started-so")
def pools_are_of_another_context() -> None:
    @replace(multiprocessing.pool.Pool, "__init__")
    def init(original: Any, self: Any, *args: Any, context: Any = None, **kwargs: Any) -> None:
        original(self, *args, context=CONTEXTS._concrete_contexts["spawn"], **kwargs)


@mutant("get_context.method.pools-and-managers-are-started-so")
def managers_are_of_another_context() -> None:
    @replace(multiprocessing.managers.BaseManager, "__init__")
    def init(original: Any, self: Any, *args: Any, ctx: Any = None, **kwargs: Any) -> None:
        original(self, *args, ctx=CONTEXTS._concrete_contexts["spawn"], **kwargs)


@mutant("get_context.method.leaves-the-start-method-unset")
def get_context_fixes_the_start_method() -> None:
    @replace(multiprocessing, "get_context")
    def get_context(original: Any, method: str | None = None) -> Any:
        context = original(method)
        CONTEXTS._default_context._actual_context = context
        return context


@mutant("get_context.method.unavailable-raises-valueerror")
def unknown_method_gives_the_default_context() -> None:
    @replace(multiprocessing, "get_context")
    def get_context(original: Any, method: str | None = None) -> Any:
        return original(method if method in ("fork", "spawn", "forkserver") else None)


@mutant("get_context.none.fixes-the-start-method")
def get_context_leaves_the_start_method_unset() -> None:
    @replace(multiprocessing, "get_context")
    def get_context(original: Any, method: str | None = None) -> Any:
        context = CONTEXTS._default_context
        return original(method) if method or context._actual_context else context._default_context


@mutant("get_context.none.returns-the-default-context", "get_context.none.follows-set_start_method")
def context_of_none_is_forkserver() -> None:
    @replace(multiprocessing, "get_context")
    def get_context(original: Any, method: str | None = None) -> Any:
        return original(method or "forkserver")


# get_start_method


@mutant("get_start_method.allow_none.none-when-unset")
def allow_none_is_ignored() -> None:
    @replace(multiprocessing, "get_start_method")
    def get_start_method(original: Any, allow_none: bool = False) -> Any:
        return original()


@mutant("get_start_method.allow_none.name-when-set")
def allow_none_gives_none() -> None:
    @replace(multiprocessing, "get_start_method")
    def get_start_method(original: Any, allow_none: bool = False) -> Any:
        return None if allow_none else original()


@mutant("get_start_method.call.fixes-the-default")
def default_is_not_fixed() -> None:
    @replace(multiprocessing, "get_start_method")
    def get_start_method(original: Any, allow_none: bool = False) -> Any:
        return original(allow_none=True) or (None if allow_none else "fork")


@mutant("get_start_method.call.returns-what-was-set")
def get_start_method_returns_another() -> None:
    @replace(multiprocessing, "get_start_method")
    def get_start_method(original: Any, allow_none: bool = False) -> Any:
        return "forkserver"


@mutant("get_start_method.call.fixes-the-default")
def the_default_can_be_replaced() -> None:
    @replace(multiprocessing, "set_start_method")
    def set_start_method(original: Any, method: str | None, force: bool = False) -> None:
        context = CONTEXTS._default_context
        original(method, force or context._actual_context is context._default_context)


# set_executable


@mutant("set_executable.call.children-use-it")
def set_executable_does_nothing() -> None:
    @replace(multiprocessing.spawn, "set_executable")
    def set_executable(original: Any, executable: Any) -> None:
        pass


@mutant("set_executable.call.accepts-a-path-like-object")
def set_executable_wants_text() -> None:
    @replace(multiprocessing.spawn, "set_executable")
    def set_executable(original: Any, executable: Any) -> None:
        original(executable + "")


@mutant("set_executable.default.sys-executable")
def default_is_another_name_of_the_interpreter() -> None:
    own = Path(sys.executable)
    multiprocessing.spawn.set_executable(str(own.with_name("python" if own.name == "python3" else "python3")))


# set_forkserver_preload


@mutant("set_forkserver_preload.call.children-inherit-the-modules")
def nothing_is_preloaded() -> None:
    @replace(multiprocessing, "set_forkserver_preload")
    def set_forkserver_preload(original: Any, names: list[str]) -> None:
        pass


@mutant("set_forkserver_preload.call.ignores-importerror", "set_forkserver_preload.call.no-effect-on-other-methods")
def modules_are_imported_at_once() -> None:
    @replace(multiprocessing, "set_forkserver_preload")
    def set_forkserver_preload(original: Any, names: list[str]) -> None:
        for name in names:
            importlib.import_module(name)


# set_start_method


@mutant("set_start_method.call.children-are-started-so")
def spawn_is_set() -> None:
    @replace(multiprocessing, "set_start_method")
    def set_start_method(original: Any, method: str | None, force: bool = False) -> None:
        original("spawn", force)


@mutant("set_start_method.call.second-raises-runtimeerror")
def force_is_the_default() -> None:
    @replace(multiprocessing, "set_start_method")
    def set_start_method(original: Any, method: str | None, force: bool = False) -> None:
        original(method, True)


@mutant("set_start_method.call.second-raises-runtimeerror")
def the_same_method_may_be_set_again() -> None:
    @replace(multiprocessing, "set_start_method")
    def set_start_method(original: Any, method: str | None, force: bool = False) -> None:
        if method != multiprocessing.get_start_method(allow_none=True) or force:
            original(method, force)


@mutant("set_start_method.call.second-raises-runtimeerror")
def a_second_call_raises_and_takes_effect() -> None:
    @replace(multiprocessing, "set_start_method")
    def set_start_method(original: Any, method: str | None, force: bool = False) -> None:
        was_set = multiprocessing.get_start_method(allow_none=True)
        original(method, True)
        if was_set and not force:
            raise RuntimeError("set already")


@mutant("set_start_method.force.replaces-the-method")
def force_is_ignored() -> None:
    @replace(multiprocessing, "set_start_method")
    def set_start_method(original: Any, method: str | None, force: bool = False) -> None:
        original(method)


@mutant("set_start_method.force.none-unsets-the-method")
def none_with_force_sets_the_default() -> None:
    @replace(multiprocessing, "set_start_method")
    def set_start_method(original: Any, method: str | None, force: bool = False) -> None:
        original(method or "fork", force)


@mutant("set_start_method.none.sets-the-default")
def none_is_ignored() -> None:
    @replace(multiprocessing, "set_start_method")
    def set_start_method(original: Any, method: str | None, force: bool = False) -> None:
        if method is not None:
            original(method, force)


# The note at the end


@mutant("namespace.threading.left-out")
def package_has_active_count() -> None:
    PACKAGE.active_count = threading.active_count
