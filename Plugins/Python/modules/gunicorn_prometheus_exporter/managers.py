"""What the hooks of the exporter are made of, each doing its work through the server."""

import logging
import os
import signal
import time

from talon_host.process_table import descendants, stat_of

from .loggers import hooks_logger

# Seconds that a process may take to be gone after SIGKILL.
KILL_TIME = 1


class HookContext:
    def __init__(self, server, worker=None, logger=None):
        self.server = server
        self.worker = worker
        self.logger = logger or hooks_logger()


class HookManager:
    def __init__(self):
        self.logger = hooks_logger()

    def get_logger(self):
        return self.logger

    def safe_execute(self, hook, *args, **kwargs):
        """True if it returned; what it raises is logged."""
        try:
            hook(*args, **kwargs)
            return True
        except Exception as error:
            self.logger.error("Hook execution failed: %s", error)
            return False


class EnvironmentManager:
    """Shows the application the settings that came by command line or file."""

    MAPPED = (
        ("workers", "GUNICORN_WORKERS", 1),
        ("bind", "GUNICORN_BIND", "127.0.0.1:8000"),
        ("worker_class", "GUNICORN_WORKER_CLASS", "sync"),
        ("timeout", "GUNICORN_TIMEOUT", 30),
    )

    def __init__(self, logger=None):
        self.logger = logger or hooks_logger()

    def update_from_cli(self, cfg):
        for name, variable, standard in self.MAPPED:
            value = getattr(cfg, name, None)
            if isinstance(value, type):
                value = "%s.%s" % (value.__module__, value.__qualname__)
            if isinstance(value, (list, tuple)):
                value = ",".join(str(item) for item in value)
            if value in (None, "", standard) or os.environ.get(variable) == str(value):
                continue
            os.environ[variable] = str(value)
            self.logger.info("Updated %s from CLI: %s", variable, value)


class WorkerManager:
    def __init__(self, logger=None):
        self.logger = logger or hooks_logger()
        self._is_shutting_down = False

    def update_metrics(self, worker):
        """The counts are in the files already; a worker that can do more is asked to."""
        try:
            update = getattr(worker, "update_worker_metrics", None)
            if callable(update):
                update()
            self.logger.debug("Updated worker metrics for %s", worker)
        except Exception as error:
            self.logger.error("Failed to update worker metrics: %s", error)

    def shutdown_worker(self, worker):
        """Ends a worker in good order. Its end may come here again by worker_int; once is enough."""
        if self._is_shutting_down:
            return
        self._is_shutting_down = True
        quit_handler = getattr(worker, "handle_quit", None)
        try:
            if callable(quit_handler):
                quit_handler(signal.SIGINT, None)
                return
            worker.alive = False
            self.logger.info("Set worker.alive = False for graceful shutdown")
        except Exception as error:
            self.logger.error("Failed to call parent handle_quit: %s", error)
            worker.alive = False
        finally:
            self._is_shutting_down = False


class ProcessManager:
    """Ends what hooks have started in this process. The server ends its own children itself, and what they leave."""

    def __init__(self, logger=None, timeout=5):
        self.logger = logger or logging.getLogger(__name__)
        self.timeout = timeout

    def cleanup_processes(self):
        children = descendants(os.getpid())
        for pid, name in children:
            self.logger.info("Terminating child process: %s (PID: %d)", name, pid)
            send(pid, signal.SIGTERM)
        # All of them at once have the time that one has.
        rest = alive_after(children, self.timeout)
        for pid, name in rest:
            self.logger.warning("Force killing child process: %s (PID: %d)", name, pid)
            send(pid, signal.SIGKILL)
        alive_after(rest, KILL_TIME)


def alive_after(children, seconds):
    """Those that have not ended by themselves within the time."""
    deadline = time.monotonic() + seconds
    while children and time.monotonic() < deadline:
        time.sleep(0.02)
        children = [(pid, name) for pid, name in children if is_alive(pid)]
    return children


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def is_alive(pid):
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass  # a grandchild, or reaped by who started it
    status = stat_of(pid)
    return status is not None and status[1] != "Z"
