"""Mutants of contexts and start methods, of set_executable() and set_forkserver_preload()."""

from __future__ import annotations

import importlib
import multiprocessing
import multiprocessing.managers
import multiprocessing.pool
import multiprocessing.popen_fork
import multiprocessing.spawn
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import mutants.backend
from mutants import mutant, replace
from mutants.miscellaneous.common import CONTEXTS, PACKAGE, BaseContext

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
