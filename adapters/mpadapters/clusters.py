"""Adapters of pools and processes whose workers belong to a server, which is started for the run."""

from __future__ import annotations

import importlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from mpadapters.contract import A_POOL, Adapter, AdapterError
from mpadapters.namespaces import Namespace, PoolOnly

LIMIT = 50.0
"""Seconds that a server has to answer."""


def free_ports(count: int) -> list[int]:
    """Return numbers of ports of this machine alone that nobody uses just now."""
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in listening]
    for one in listening:
        one.close()
    return ports


class Ray(Adapter):
    """``ray.util.multiprocessing``: a pool on actors of a Ray cluster, ours or that of ``RAY_ADDRESS``.

    Its documentation offers ``Pool`` as a replacement, and nothing else of the API.
    """

    name = "ray"
    package = "ray.util.multiprocessing"
    install = "ray"
    methods = {"spawn": "spawn"}  # noqa: RUF012
    supports = A_POOL
    lacks = ("pool.processes.defaults-to-cpu-count",)
    unsupported = "ray offers a pool and nothing else; by default it has as many workers as its cluster has processors"
    folder: str | None = None

    def namespace(self, start_method: str) -> Any:
        """Return the pool, which connects when it is first asked for."""
        return PoolOnly(self.module(), start_method, self.connect)

    def connect(self) -> None:
        """Connect this process to the cluster; its workers, which inherit nothing, are told what a child would be."""
        ray = importlib.import_module("ray")
        ray.shutdown()  # what a forked child has inherited is of no use to it
        ray.init(
            address=os.environ["RAY_ADDRESS"],
            log_to_driver=False,
            logging_level="ERROR",
            runtime_env={"env_vars": self.environment()},
        )

    def start(self) -> None:
        """Start a head node, for this machine alone, unless ``RAY_ADDRESS`` names a cluster."""
        if "RAY_ADDRESS" in os.environ:
            return
        self.folder = tempfile.mkdtemp(prefix="mpr-")  # short: the names of its sockets are below it
        gcs, manager, node, client = free_ports(4)
        has_clients = importlib.util.find_spec("grpc") is not None  # only then it may be told their port
        subprocess.run(
            [
                *(sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--node-ip-address=127.0.0.1"),
                *(f"--port={gcs}", f"--object-manager-port={manager}", f"--node-manager-port={node}"),
                *([f"--ray-client-server-port={client}"] if has_clients else []),
                *("--include-dashboard=false", "--disable-usage-stats"),
                *("--num-cpus=8", "--object-store-memory=100000000", f"--temp-dir={self.folder}"),
            ],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=LIMIT,
        )
        os.environ["RAY_ADDRESS"] = f"127.0.0.1:{gcs}"

    def stop(self) -> None:
        """End the processes of the node that :meth:`start` has started; other nodes on this machine are let alone."""
        if self.folder is None:
            return
        import psutil

        ours = []
        for process in psutil.process_iter(["cmdline"]):
            if any(self.folder in word for word in process.info["cmdline"] or ()):
                ours.append(process)
        for process in ours:
            try:
                process.terminate()
            except psutil.NoSuchProcess:
                pass  # with the one that it belongs to
        for process in psutil.wait_procs(ours, timeout=5)[1]:
            process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Lithops(Adapter):
    """``lithops.multiprocessing``: processes are jobs of Lithops, here of its localhost backend; objects live in Redis.

    Start methods are none of its: a job is a fresh interpreter. If ``LITHOPS_CONFIG_FILE`` is set, what that says is
    used, and nothing is started.
    """

    name = "lithops"
    package = "lithops.multiprocessing"
    install = "lithops redis"
    methods = {"spawn": "spawn"}  # noqa: RUF012
    lacks = ("shared_memory*", "shareable_list*", "dummy*")
    keeps = ("lithops-root", "*lithops.scripts.cleaner*")  # its storage, and what empties that later
    unsupported = "lithops.multiprocessing has no shared_memory and no dummy module"
    folder: str | None = None
    server: subprocess.Popen[bytes] | None = None

    def namespace(self, start_method: str) -> Any:
        """Return its context and submodules."""
        return Namespace(self.module(), start_method)

    def start(self) -> None:
        """Start a Redis for this machine alone, with a password and a folder of its own, and write a configuration."""
        if "LITHOPS_CONFIG_FILE" in os.environ:
            return
        if shutil.which("redis-server") is None:
            raise AdapterError("backend 'lithops': there is no redis-server here: apt-get install redis-server")
        self.folder = tempfile.mkdtemp(prefix="mpc-lithops-")
        (port,) = free_ports(1)
        password = secrets.token_hex(16)
        settings = Path(self.folder, "redis.conf")  # a file: command lines are everybody's to read
        settings.write_text(
            f'bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir "{self.folder}"\nsave ""\nappendonly no\n'
        )
        settings.chmod(0o600)
        self.server = subprocess.Popen(["redis-server", str(settings)], stdout=subprocess.DEVNULL)
        end = time.monotonic() + LIMIT
        while not _answers(port):
            if self.server.poll() is not None or time.monotonic() > end:
                raise AdapterError("backend 'lithops': redis-server does not answer: run it by hand to see why")
            time.sleep(0.02)
        config = Path(self.folder, "lithops.yml")
        config.touch(0o600)
        config.write_text(
            "lithops:\n  backend: localhost\n  storage: localhost\n  log_level: ERROR\n  telemetry: false\n"
            f"localhost:\n  runtime: {sys.executable}\n"
            f"redis:\n  host: 127.0.0.1\n  port: {port}\n  password: {password}\n"
        )
        os.environ["LITHOPS_CONFIG_FILE"] = str(config)

    def stop(self) -> None:
        """End the server, and remove its folder."""
        if self.server is not None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(10)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def _answers(port: int) -> bool:
    """Return whether somebody listens at the port."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
