"""Smoke-testing an adapter: does it keep the contract of :class:`mpadapters.Adapter`?

What runs the backend's code runs in a process of its own with a limit, so that a backend that hangs, crashes
or prints is a failed check and nothing worse. Only ``start`` and ``stop`` run here, as they do in a run of the
suite, since what they put into the environment must reach the other checks.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpadapters
from mpadapters.contract import START_METHODS, Adapter, AdapterError
from mpadapters.expectations import ExpectationsError, read_entries

LIMIT = 60.0
"""Seconds that one check may take."""

USUAL = ("Process", "Pipe", "Queue", "Lock", "Semaphore", "Event", "Value", "Array", "Manager", "Pool")
"""Names that readers of a check like to see told present or missing."""


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
    checks = [_name(adapter), _supports(adapter), _expectations(adapter), _location(adapter)]
    if not all(check.ok for check in checks):
        return checks
    try:
        checks.append(_bounded("start", adapter.start, limit))
        if checks[-1].ok:
            checks += _run_checks(adapter, limit)
    finally:
        stopped = _bounded("stop", adapter.stop, limit)
    return [*checks, stopped]


def _run_checks(adapter: Adapter, limit: float) -> list[Check]:
    """Return the checks of what the backend itself has a part in."""
    checks = [_apart(adapter, "package", limit)]
    if checks[0].ok:
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
    for attribute, example in (("supports", "pool.*"), ("lacks", "pool.*"), ("keeps", "/dev/shm/heap-*")):
        globs = getattr(adapter, attribute)
        if not isinstance(globs, (tuple, list)) or not all(isinstance(glob, str) for glob in globs):
            return Check("supports", False, f'{attribute} is {globs!r}: make it a tuple of texts, like ("{example}",)')
    if not adapter.supports:
        return Check("supports", False, 'supports is empty: make it a tuple of texts, like ("pool.*",)')
    without = f", without {', '.join(adapter.lacks)}" if adapter.lacks else ""
    return Check("supports", True, ", ".join(adapter.supports) + without)


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


def _bounded(name: str, call: Callable[[], object], limit: float) -> Check:
    """Return whether the call comes back in time; it runs in a thread, which is left behind if it does not."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001 - the adapter is another's code
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(limit)
    if thread.is_alive():
        return Check(
            name, False, f"{name}() was not done within {limit:g} s: give what it waits for a limit of its own"
        )
    if raised:
        return Check(name, False, f"{name}() raised {raised[0]!r}: it must work in a process that has run nothing yet")
    return Check(name, True, f"{name}() returned")


# What runs in a process of its own


def _apart(adapter: Adapter, kind: str, limit: float, method: str = "") -> Check:
    """Return what the function for this kind of check, below, found out in a fresh interpreter."""
    name = f"{kind} ({method})" if method else kind
    with tempfile.TemporaryDirectory(prefix="mpc-", ignore_cleanup_errors=True) as folder:
        path = Path(folder, "answer.json")
        arguments = f"{adapter.location!r}, {kind!r}, {method!r}, {str(path)!r}"
        code = f"from mpadapters.checking import answer; answer({arguments})"
        ended = _run([sys.executable, "-c", code], folder, limit)
        if path.exists():
            told = json.loads(path.read_text())
            return Check(name, told["ok"], told["detail"])
        return Check(
            name, False, f"{ended}: make this work in a fresh interpreter first: {_by_hand(adapter, kind, method)}"
        )


def _by_hand(adapter: Adapter, kind: str, method: str) -> str:
    """Return the command that does by hand what a check did."""
    made = f"mpadapters.load({adapter.location!r})"
    call = {
        "package": ".module()",
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
        path = Path(folder, "answer")
        script = Path(folder, "check_source_main.py")
        ask = f"\nopen({str(path)!r}, 'w').write(' '.join(sorted({{'mp', 'package'}} - set(globals()))))\n"
        script.write_text(source + ask, encoding="utf-8")
        ended = _run([sys.executable, str(script)], folder, limit)
        if not path.exists():
            return Check(name, False, f"{ended}: make what source({method!r}) returns run as a script")
        missing = path.read_text()
    if missing:
        return Check(name, False, f"source({method!r}) binds no {missing}: bind both mp and package in it")
    return Check(name, True, "binds mp and package")


def _run(command: list[str], folder: str, limit: float) -> str:
    """Run the command in a process group of its own, end that group, and return in words how it ended."""
    errors = Path(folder, "errors")
    with errors.open("wb") as stream:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stream,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            start_new_session=True,
        )
        try:
            status = process.wait(limit)
            how = f"the interpreter ended with status {status}"
            if status < 0:
                how = f"the interpreter was ended by {signal.Signals(-status).name}"
        except subprocess.TimeoutExpired:
            how = f"not done within {limit:g} s"
        finally:
            _end_group(process)
    lines = errors.read_text(errors="replace").strip().splitlines()
    return f"{how} (last words: {lines[-1]!r})" if lines else how


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the process, and where there are groups all that it started and did not move elsewhere."""
    if hasattr(os, "killpg"):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended, and left nobody behind
    else:
        process.kill()
    process.wait()


# The other side: what those processes do


def answer(location: str, kind: str, method: str, path: str) -> None:
    """Make one check of the adapter at ``location`` and write what was found out to the file ``path``."""
    adapter = mpadapters.load(location)
    makers: dict[str, Callable[[], str]] = {
        "package": lambda: f"{adapter.module().__name__} imports",
        "version": lambda: _version(adapter),
        "start methods": lambda: _start_methods(adapter),
        "namespace": lambda: _namespace(adapter, method),
        "child": lambda: _child(adapter, method, path + ".child"),
    }
    try:
        told = {"ok": True, "detail": makers[kind]()}
    except AdapterError as error:
        told = {"ok": False, "detail": str(error)}
    except Exception as error:  # noqa: BLE001 - the backend and its adapter are another's code
        told = {"ok": False, "detail": f"raised {error!r}: try it with {_by_hand(adapter, kind, method)}"}
    part = Path(path + ".part")
    part.write_text(json.dumps(told))
    part.replace(path)


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
    for name, requirement in (("Process", "process.x"), ("Pool", "pool.x")):
        if name in missing and adapter.claims(requirement):
            raise AdapterError(
                f"namespace({method!r}) has no {name}: give it one, or leave {requirement[:-1]}* out of `supports`"
            )
    return f"has no {', '.join(missing)}" if missing else f"has {', '.join(USUAL)}"


def _child(adapter: Adapter, method: str, path: str) -> str:
    mp = adapter.namespace(method)
    if adapter.claims("process.x"):
        process = mp.Process(target=write_report, args=(adapter.location, method, path))
        process.start()
        process.join()
        if not Path(path).exists():
            raise AdapterError(
                f"a child under {method} ended with exit code {process.exitcode} before it had found the backend: "
                f"make mpadapters.load({adapter.location!r}).namespace({method!r}) work in a child"
            )
        found = json.loads(Path(path).read_text())
    elif adapter.claims("pool.x"):
        pool = mp.Pool(1)
        found = pool.apply(report, (adapter.location, method))
        pool.close()
        pool.join()
    else:
        return "claims neither process.* nor pool.*: there is no child to start"
    here = report(adapter.location, method)
    if found != here:
        raise AdapterError(
            f"a child under {method} found {found} where its parent has {here}: "
            f"let namespace() depend on nothing that a child does not have"
        )
    return f"was started and joined, and found {here[0]}"


def report(location: str, method: str) -> list[Any]:
    """Return what tells the backend that this process finds."""
    adapter = mpadapters.load(location)
    module = adapter.module()
    return [module.__name__, getattr(module, "__file__", None), type(adapter.namespace(method)).__name__]


def write_report(location: str, method: str, path: str) -> None:
    """Write what :func:`report` returns to the file ``path``, all at once."""
    Path(path + ".part").write_text(json.dumps(report(location, method)))
    Path(path + ".part").replace(path)
