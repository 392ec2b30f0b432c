"""Smoke-testing an adapter: does it keep the contract of :class:`mpadapters.Adapter`?

What runs the backend's code runs below a supervisor, with a limit, so that a backend that hangs, crashes, prints or
leaves something behind is a failed check and nothing worse. ``start`` and ``stop`` do so for as long as the other
checks take, as they do in a run of the suite.
"""

from __future__ import annotations

import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpadapters
from mpadapters.contract import START_METHODS, TOLD, Adapter, AdapterError
from mpadapters.expectations import ExpectationsError, read_entries
from mpadapters.harmless import what_importing_does
from mpadapters.serving import SERVED, serving
from mpadapters.supervising import Lost, ask, charge

LIMIT = 60.0
"""Seconds that one check may take."""

USUAL = ("Process", "Pipe", "Queue", "Lock", "Semaphore", "Event", "Value", "Array", "Manager", "Pool")
"""Names that readers of a check like to see told present or missing."""

A_PROCESS, A_POOL, A_PROCESS_OF_ITS_OWN = (
    "process.start.runs-run",
    "pool.apply.x",
    "process.start.runs-run-in-another-process",
)
"""Ids by which it is asked what a backend claims."""


@dataclass(frozen=True)
class Check:
    """One thing that was checked; the detail of a failed one ends with what to do."""

    name: str
    ok: bool
    detail: str


def check_adapter(adapter: Adapter, limit: float = LIMIT) -> list[Check]:
    """Return what was found out about the adapter, in the order of checking.

    A check that cannot be made because an earlier one failed is left out.
    """
    checks = [_name(adapter), _supports(adapter), _declarations(adapter), _expectations(adapter), _location(adapter)]
    if not all(check.ok for check in checks):
        return checks
    before = dict(os.environ)
    server = serving(adapter, limit)
    try:
        with server:
            changed = sorted(
                name
                for name in before | dict(os.environ)
                if name != SERVED and before.get(name) != os.environ.get(name)
            )
            told = f"start() returned{', and changed ' if changed else ''}{', '.join(changed)}"
            checks.append(Check("start", True, told if server.pid else "nothing to start, or it runs already"))
            checks += _run_checks(adapter, limit)
    except AdapterError as error:
        checks.append(Check("start", False, str(error)))
    stopped = (
        server.trouble and f"{server.trouble}: let it stop what start() started, and give what it waits for a limit"
    )
    return [*checks, Check("stop", not stopped, stopped or "stop() returned" if server.pid else "nothing to stop")]


def _run_checks(adapter: Adapter, limit: float) -> list[Check]:
    """Return the checks of what the backend itself has a part in."""
    checks = [_apart(adapter, "package", limit)]
    if not checks[0].ok:
        return checks
    checks.append(_apart(adapter, "preload", limit))
    if type(adapter).environment is not Adapter.environment:
        checks.append(_environment(adapter, limit))
    checks += [_apart(adapter, kind, limit) for kind in ("version", "start methods")]
    if not checks[-1].ok:
        return checks
    for method in checks[-1].detail.split(", "):
        checks.append(_apart(adapter, "namespace", limit, method))
        if checks[-1].ok:
            checks.append(_apart(adapter, "child", limit, method))
            checks.append(_source(adapter, limit, method))
    return checks


# What needs no backend


def _name(adapter: Adapter) -> Check:
    name = adapter.name
    ok = isinstance(name, str) and bool(name) and not any(character.isspace() for character in name)
    return Check("name", ok, name if ok else f'name is {name!r}: set name = "..." on the class, a word without spaces')


def _supports(adapter: Adapter) -> Check:
    for attribute in ("supports", "lacks"):
        globs = getattr(adapter, attribute)
        if not _texts(globs):
            return Check("supports", False, f'{attribute} is {globs!r}: make it a tuple of texts, like ("pool.*",)')
    if not adapter.supports:
        return Check("supports", False, 'supports is empty: make it a tuple of texts, like ("pool.*",)')
    without = f", without {', '.join(adapter.lacks)}" if adapter.lacks else ""
    return Check("supports", True, ", ".join(adapter.supports) + without)


def _declarations(adapter: Adapter) -> Check:
    name = "declarations"
    for attribute, example in (("keeps", "/dev/shm/heap-*"), ("rest", "multiprocessing")):
        value = getattr(adapter, attribute)
        if not _texts(value):
            return Check(name, False, f'{attribute} is {value!r}: make it a tuple of texts, like ("{example}",)')
    for attribute, like in (("methods", '{"spawn": "fresh"}'), ("aliases", '{"connection.Connection": "pipes.End"}')):
        value = getattr(adapter, attribute)
        if not isinstance(value, Mapping) or not _texts([*value, *value.values()]):
            return Check(name, False, f"{attribute} is {value!r}: make it a mapping of texts to texts, like {like}")
    for attribute in ("preload", "threads", "context_only"):
        value = getattr(adapter, attribute)
        if not isinstance(value, bool):
            return Check(name, False, f"{attribute} is {value!r}: make it True or False")
    said = [
        attribute
        for attribute in ("preload", "threads", "context_only", "methods", "rest", "keeps", "aliases")
        if getattr(adapter, attribute)
    ]
    return Check(name, True, ", ".join(said) or "none")


def _texts(value: object) -> bool:
    return isinstance(value, (tuple, list)) and all(isinstance(one, str) for one in value)


def _expectations(adapter: Adapter) -> Check:
    try:
        path = adapter.expectations()
        return Check("expectations", True, f"{len(read_entries(path))} in {path}" if path else "no file")
    except ExpectationsError as error:
        return Check("expectations", False, str(error))
    except Exception as error:  # noqa: BLE001 - the adapter is another's code
        return Check("expectations", False, f"expectations() raised {error!r}: return a path, or None if there is none")


def _location(adapter: Adapter) -> Check:
    remedy = "define its class at the top level of an importable module, and let it be made without arguments"
    try:
        again = mpadapters.load(adapter.location)
    except AdapterError as error:
        return Check("location", False, f"{error}: {remedy}")
    before, after = [(type(a).__qualname__, a.name, a.package) for a in (adapter, again)]
    if before != after:
        return Check("location", False, f"{adapter.location} is {after}, not {before}: {remedy}")
    return Check("location", True, adapter.location)


# What runs in a process of its own


def _apart(adapter: Adapter, kind: str, limit: float, method: str = "") -> Check:
    """Return what the function for this kind of check, below, found out in a fresh interpreter."""
    name = f"{kind} ({method})" if method else kind
    try:
        code = f"from mpadapters.checking import answer; answer({adapter.location!r}, {kind!r}, {method!r})"
        told = ask(code, limit, _with_path())
    except Lost as lost:
        remedy = f"make this work in a fresh interpreter first: {_by_hand(adapter, kind, method)}"
        return Check(name, False, f"{lost}: {remedy}")
    return Check(name, told["ok"], told["detail"])


def _with_path() -> dict[str, str]:
    """Return the environment of this process, with the import path of this process for all that is started."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _by_hand(adapter: Adapter, kind: str, method: str) -> str:
    """Return the command that does by hand what a check did."""
    made = f"mpadapters.load({adapter.location!r})"
    call = {
        "package": ".module()",
        "preload": ".preload_modules()",
        "version": ".version()",
        "start methods": ".start_methods()",
        "namespace": f".namespace({method!r})",
        "child": f".namespace({method!r}).Process(target=print); p.start(); p.join()",
    }[kind]
    return f'python -c "import mpadapters; p = {made}{call}"'


def _source(adapter: Adapter, limit: float, method: str) -> Check:
    """Return whether ``source()`` runs in a fresh interpreter, as a script, and binds ``mp`` and ``package``."""
    name = f"source ({method})"
    try:
        source = adapter.source(method)
        compile(source, f"<{name}>", "exec")
    except Exception as error:  # noqa: BLE001 - the adapter is another's code
        return Check(name, False, f"source({method!r}) gives {error!r}: return Python source that compiles")
    with tempfile.TemporaryDirectory(prefix="mpc-", ignore_cleanup_errors=True) as folder:
        script = Path(folder, "check_source_main.py")
        script.write_text(source, encoding="utf-8")
        code = f"from mpadapters.checking import run_source; run_source({str(script)!r})"
        try:
            told = ask(code, limit, _with_path())
        except Lost as lost:
            return Check(name, False, f"{lost}: make what source({method!r}) returns run as a script")
    if told["missing"]:
        return Check(name, False, f"source({method!r}) binds no {told['missing']}: bind both mp and package in it")
    return Check(name, True, "binds mp and package")


def run_source(script: str) -> None:
    """Run what ``source()`` returned and tell which of the names that it has to bind are missing."""
    tell, _ = charge()
    names = runpy.run_path(script, run_name="__main__")
    tell({"missing": " ".join(sorted({"mp", "package"} - set(names)))})


def _environment(adapter: Adapter, limit: float) -> Check:
    """Return whether a process that has of us only what ``environment()`` says finds the backend."""
    name = "environment"
    try:
        given = adapter.environment()
    except Exception as error:  # noqa: BLE001 - the adapter is another's code
        return Check(name, False, f"environment() raised {error!r}: return a mapping of variables to texts")
    if not isinstance(given, Mapping) or not _texts([*given, *given.values()]):
        return Check(name, False, f"environment() returned {given!r}: return a mapping of variables to texts")
    bare = {key: value for key, value in os.environ.items() if not key.startswith(TOLD) and key != "PYTHONPATH"}
    try:
        code = f"from mpadapters.checking import find_alone; find_alone({adapter.location!r})"
        status = ask(code, limit, {**bare, **given})["status"]
    except Lost as lost:
        return Check(name, False, f"{lost}: return what a process needs to find the backend")
    if status:
        return Check(
            name,
            False,
            f"a process with nothing of ours but environment() ended with status {status} before it had found the "
            f"backend: add to what Adapter.environment() returns",
        )
    return Check(name, True, f"{len(given)} variables")


def find_alone(location: str) -> None:
    """Find the backend in a process with the import path that the environment gives, and tell how that ended."""
    tell, _ = charge()
    code = f"import mpadapters; mpadapters.load({location!r}).module()"
    tell({"status": subprocess.run([sys.executable, "-c", code], check=False).returncode})


# The other side: what those processes do


def answer(location: str, kind: str, method: str) -> None:
    """Make one check of the adapter at ``location`` and tell what was found out."""
    tell, _ = charge()
    adapter = mpadapters.load(location)
    makers: dict[str, Callable[[], str]] = {
        "package": lambda: f"{adapter.module().__name__} imports",
        "preload": lambda: _preload(adapter),
        "version": lambda: _version(adapter),
        "start methods": lambda: _start_methods(adapter),
        "namespace": lambda: _namespace(adapter, method),
        "child": lambda: _child(adapter, method),
    }
    try:
        told = {"ok": True, "detail": makers[kind]()}
    except AdapterError as error:
        told = {"ok": False, "detail": str(error)}
    except Exception as error:  # noqa: BLE001 - the backend and its adapter are another's code
        raised = " ".join(f"{error!r}".split())
        told = {"ok": False, "detail": f"raised {raised}: try it with {_by_hand(adapter, kind, method)}"}
    tell(told)


def _preload(adapter: Adapter) -> str:
    done = what_importing_does(adapter.preload_modules)
    if adapter.preload and done:
        raise AdapterError(f"preload says that importing is harmless, and it {'; it '.join(done)}: leave preload out")
    if done:
        return f"importing it {'; it '.join(done)}: each test does so itself"
    return "importing it is harmless" + ("" if adapter.preload else ": `preload = True` would make runs faster")


def _version(adapter: Adapter) -> str:
    version = adapter.version()
    if not isinstance(version, str) or not version:
        raise AdapterError(f"version() returned {version!r}: return a text that is not empty")
    return version


def _start_methods(adapter: Adapter) -> str:
    methods = adapter.start_methods()
    if not methods or isinstance(methods, str) or not set(methods) <= set(START_METHODS):
        raise AdapterError(
            f"start_methods() returned {methods!r}: return one or more of {', '.join(START_METHODS)}, in a tuple"
        )
    return ", ".join(methods)


def _namespace(adapter: Adapter, method: str) -> str:
    mp = adapter.namespace(method)
    missing = [name for name in USUAL if not hasattr(mp, name)]
    for name, requirement in (("Process", A_PROCESS), ("Pool", A_POOL)):
        if name in missing and adapter.claims(requirement):
            part = requirement.partition(".")[0]
            raise AdapterError(f"namespace({method!r}) has no {name}: give it one, or leave {part}.* out of `supports`")
    for documented, own in adapter.aliases.items():
        try:
            adapter.find(mp, documented)
        except AttributeError as error:
            raise AdapterError(
                f"aliases has {documented!r} at {own!r}, and it is not there ({error}): "
                f"name where namespace({method!r}) has it"
            ) from None
    return f"has no {', '.join(missing)}" if missing else f"has {', '.join(USUAL)}"


def _child(adapter: Adapter, method: str) -> str:
    mp = adapter.namespace(method)
    if adapter.claims(A_PROCESS):
        with tempfile.TemporaryDirectory(prefix="mpc-", ignore_cleanup_errors=True) as folder:
            path = Path(folder, "report")
            process = mp.Process(target=write_report, args=(adapter.location, method, str(path)))
            process.start()
            process.join()
            if not path.exists():
                raise AdapterError(
                    f"a child under {method} ended with exit code {process.exitcode} before it had found the backend: "
                    f"make mpadapters.load({adapter.location!r}).namespace({method!r}) work in a child"
                )
            found = json.loads(path.read_text())
    elif adapter.claims(A_POOL):
        pool = mp.Pool(1)
        found = pool.apply(report, (adapter.location, method))
        pool.close()
        pool.join()
    else:
        return "claims neither process.* nor pool.*: there is no child to start"
    here = report(adapter.location, method)
    if found[:-1] != here[:-1]:
        raise AdapterError(
            f"a child under {method} found {found[:-1]} where its parent has {here[:-1]}: "
            f"let namespace() depend on nothing that a child does not have"
        )
    if found == here and adapter.claims(A_PROCESS_OF_ITS_OWN):
        raise AdapterError("a child is no process of its own: say `threads = True`")
    if found != here and adapter.threads:
        raise AdapterError("a child is a process of its own, and threads is True: leave that out")
    return f"was started and joined, and found {here[0]}"


def report(location: str, method: str) -> list[Any]:
    """Return what tells the backend that this process finds, and which process it is.

    Not its file: a worker on another machine, or in a copy of this interpreter, may have it elsewhere.
    """
    adapter = mpadapters.load(location)
    return [adapter.module().__name__, type(adapter.namespace(method)).__name__, [socket.gethostname(), os.getpid()]]


def write_report(location: str, method: str, path: str) -> None:
    """Write what :func:`report` returns to the file ``path``, all at once."""
    Path(path + ".part").write_text(json.dumps(report(location, method)))
    Path(path + ".part").replace(path)
