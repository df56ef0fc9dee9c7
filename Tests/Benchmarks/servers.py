"""Starts the servers that are compared, each the same way: one worker, one core, the same application."""

import contextlib
import dataclasses
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

APPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "apps")
BODY = b"Hello, world!"
START_SECONDS = 20
STOP_SECONDS = 10
WAIT_SECONDS = 30


class Failure(Exception):
    """A server that does not do what is measured; its message says which and what."""


@dataclasses.dataclass(frozen=True)
class Server:
    name: str
    command: list  # {port} stands for the port, {folder} for a folder of its own
    metrics: str = ""  # a family that /metrics must show; empty: no metrics
    environment: dict = dataclasses.field(default_factory=dict)
    files: dict = dataclasses.field(default_factory=dict)  # by name, made in that folder; {port} and {folder} as above


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, test):
    until = time.monotonic() + WAIT_SECONDS
    while not test():
        if time.monotonic() > until:
            raise Failure(f"not within {WAIT_SECONDS} s: {what}")
        time.sleep(0.02)


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class Running:
    """A started server: `with Running(server) as running:` stops it and removes its folder at the end."""

    def __init__(self, server, core=None):
        self.server = server
        self.port = free_port()
        self.metrics_port = free_port()
        self._core = core

    def __enter__(self):
        self._folder = tempfile.mkdtemp(prefix="talon-bench-")
        self._log = open(f"{self._folder}/log", "w+b")
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PROMETHEUS_")}
        environment |= {
            "PYTHONPATH": APPS,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PROMETHEUS_MULTIPROC_DIR": f"{self._folder}/metrics",
            "PROMETHEUS_METRICS_PORT": str(self.metrics_port),
            "PROMETHEUS_BIND_ADDRESS": "127.0.0.1",
            **self.server.environment,
        }
        os.mkdir(environment["PROMETHEUS_MULTIPROC_DIR"])
        pin = ["taskset", "-c", str(self._core)] if self._core is not None else []
        for name, content in self.server.files.items():
            with open(f"{self._folder}/{name}", "w") as file:
                file.write(self._filled(content))
        command = [self._filled(argument) for argument in self.server.command]
        self.process = subprocess.Popen(
            [*pin, *command],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd=APPS,
            env=environment,
            start_new_session=True,
        )
        try:
            self._wait_until_it_serves()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                print(f"{self.server.name} ignores SIGTERM for {STOP_SECONDS} s: killed", file=sys.stderr)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _filled(self, text):
        return text.replace("{port}", str(self.port)).replace("{folder}", self._folder)

    def fail(self, message):
        self._log.seek(0)
        log = self._log.read().decode(errors="replace").strip().splitlines()[-15:]
        raise Failure("\n  ".join([f"{self.server.name}: {message}; the end of its log:", *log]))

    def _wait_until_it_serves(self):
        until = time.monotonic() + START_SECONDS
        while True:
            if self.process.poll() is not None:
                self.fail(f"ended at once, status {self.process.returncode}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                self.check()
                return
            if time.monotonic() > until:
                self.fail(f"did not answer within {START_SECONDS} s")
            time.sleep(0.05)

    def check(self):
        """The answer is the application's."""
        status, body = get(self.port, "/")
        if (status, body) != (200, BODY):
            self.fail(f"answered {status} {body[:80]!r} and not 200 {BODY!r}")

    def check_metrics(self):
        """It counts requests if it should, and serves no metrics if it should not."""
        try:
            status, body = get(self.metrics_port, "/metrics")
        except OSError as error:
            if self.server.metrics:
                self.fail(f"serves no metrics: {error}")
            return
        if not self.server.metrics:
            self.fail("serves metrics, and should not")
        lines = body.decode().splitlines()
        counted = sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(self.server.metrics + "{"))
        if status != 200 or counted < 1:
            self.fail(f"its metrics answered {status} and count {counted} requests")
