"""The server of the soak, and what is done to it. Its master changes with each upgrade, so it is known by its pid."""

import contextlib
import dataclasses
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import processes
import servers

SECONDS = 60  # nothing that is waited for takes so long


@dataclasses.dataclass
class Kill:
    role: str
    pid: int
    at: float  # monotonic
    reaped: float  # seconds until the master had reaped it


def until(what, condition, pause=0.005, seconds=SECONDS):
    """Waits for something true and returns it."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise servers.Failure(f"not within {seconds} s: {what}")
        time.sleep(pause)


def role(pid):
    """Of a child of the master: worker, exporter or runner; None for what is on its way."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            command = file.read().replace(b"\0", b" ")
    except OSError:
        return None
    if b"talon: exporter" in command:
        return "exporter"
    if b"talon: hook-runner" in command:
        return "runner"
    return "worker" if b"talon_host" in command or b"talon: worker" in command else None


def serves(pid):
    """A worker catches TERM from the moment when it serves."""
    try:
        with open(f"/proc/{pid}/status") as file:
            mask = next(line for line in file if line.startswith("SigCgt:")).split()[1]
    except (OSError, StopIteration):
        return False
    return bool(int(mask, 16) & 1 << (signal.SIGTERM - 1))


def interpreter_time():
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.monotonic() - began


class SoakServer:
    def __init__(self, talon, workers, plugin, more=(), application="who:app", folder=servers.APPS):
        self.port = servers.free_port()
        self.metrics_port = servers.free_port()
        self.kills = []
        self._workers = workers
        self._folder = tempfile.mkdtemp(prefix="talon-soak-")
        self._command = [
            *(os.path.abspath(talon), "-w", str(workers), "-b", f"127.0.0.1:{self.port}", "--pid", self._path("pid")),
            *("--chdir", folder, "--python", sys.executable, application, *more),
            *(["--plugin", os.path.abspath(plugin)] if plugin else []),
        ]

    def _path(self, name):
        return f"{self._folder}/{name}"

    def __enter__(self):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PROMETHEUS_")}
        environment |= {
            "PYTHONDONTWRITEBYTECODE": "1",
            "XDG_STATE_HOME": self._path("state"),
            "PROBE_DIR": self._folder,  # where the applications of the tests tell what they do
            "PROMETHEUS_MULTIPROC_DIR": self._path("metrics"),
            "PROMETHEUS_METRICS_PORT": str(self.metrics_port),
            "PROMETHEUS_BIND_ADDRESS": "127.0.0.1",
        }
        with open(self._path("log"), "wb") as log:
            self._first = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
            )
        self.pid = self._first.pid
        try:
            self.settle()
            until("the metrics port answers", self._scrapes)
            self._helpers_at_start = self._helpers()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            with open(self._path("log"), errors="replace") as log:
                print("the end of the log:", *log.readlines()[-15:], sep="\n  ", file=sys.stderr)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        with contextlib.suppress(servers.Failure):
            until("the server ends", lambda: self._gone(self.pid))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._first.pid, signal.SIGKILL)
        self._first.poll()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _gone(self, pid):
        if pid == self._first.pid:
            return self._first.poll() is not None
        return not os.path.exists(f"/proc/{pid}")

    def _scrapes(self):
        with contextlib.suppress(OSError):
            return servers.get(self.metrics_port, "/metrics")[0] == 200

    def children(self, wanted):
        return {pid for pid in processes.children(self.pid) if role(pid) == wanted}

    def serving(self):
        return {pid for pid in self.children("worker") if serves(pid)}

    def _helpers(self):
        return len(self.children("exporter")), len(self.children("runner"))

    def settle(self):
        """Until all workers that there should be serve, and no others are there."""
        until("all workers serve", lambda: len(self.serving()) == len(self.children("worker")) == self._workers)

    # What operators do. Each returns the seconds that it took.

    def reload(self):
        before, began = self.children("worker"), time.monotonic()
        os.kill(self.pid, signal.SIGHUP)
        until("all workers are new", lambda: not self.children("worker") & before)
        self.settle()
        return time.monotonic() - began

    def upgrade(self):
        began, old = time.monotonic(), self.pid
        os.kill(old, signal.SIGUSR2)
        second = until("the second master's pid file", lambda: self._pid_in("pid.2"))
        self.pid = second
        self.settle()
        os.kill(old, signal.SIGTERM)
        until("the first master has ended", lambda: self._gone(old))
        until("the second master has its pid file", lambda: self._pid_in("pid") == second)
        return time.monotonic() - began

    def _pid_in(self, name):
        with contextlib.suppress(OSError, ValueError), open(self._path(name)) as file:
            return int(file.read())

    def recycle(self):
        before, began = self.serving(), time.monotonic()
        worker = min(before)
        os.kill(worker, signal.SIGTERM)
        until("another worker serves", lambda: self.serving() - before)
        self.settle()
        return time.monotonic() - began

    def recyclings(self):
        """So many workers were replaced because of max_requests, by the metrics."""
        page = servers.get(self.metrics_port, "/metrics")[1].decode()
        lines = [line for line in page.splitlines() if line.startswith("gunicorn_worker_restart_total{")]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if 'reason="max_requests"' in line)

    # What nobody does.

    def kill_any(self, choice):
        """Kills a child that is at work, and waits until it is replaced, so that there is always somebody to ask."""
        wanted = choice.choices(["worker", "runner", "exporter"], [0.94, 0.03, 0.03])[0]
        among = self.serving() if wanted == "worker" else self.children(wanted)
        if not among:
            wanted, among = "worker", self.serving()
        victim = choice.choice(sorted(among))
        self._kill(wanted, victim)
        if wanted == "worker":
            until("the killed worker is replaced", lambda: len(self.serving()) >= self._workers)

    def _kill(self, kind, victim):
        at = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        until(f"the {kind} is reaped", lambda: not os.path.exists(f"/proc/{victim}"), pause=0.0002)
        self.kills.append(Kill(kind, victim, at, time.monotonic() - at))

    def kill_and_ask(self):
        """Kills the only worker; seconds until it was reaped, and until the next request was answered."""
        self.settle()
        at = time.monotonic()
        self._kill("worker", next(iter(self.serving())))
        reaped = time.monotonic() - at
        status, _ = servers.get(self.port, "/")
        if status != 200:
            raise servers.Failure(f"answered {status} after a kill")
        return reaped, time.monotonic() - at

    def figures(self):
        """Of the master, when all its children are there."""
        self.settle()
        until("exporter and runners are back", lambda: self._helpers() == self._helpers_at_start)
        status = f"/proc/{self.pid}/status"
        return {
            "descriptors": len(os.listdir(f"/proc/{self.pid}/fd")),
            "threads": processes.field_kib(status, "Threads"),
            "KiB": processes.field_kib(status, "VmRSS"),
        }
