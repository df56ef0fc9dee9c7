"""What the hooks of gunicorn are called with: its arbiter, its workers, its requests, as far as there is such a thing
here."""

import logging
import os
import signal
import time

from .. import process_table
from . import process

LEVELS = (
    (logging.CRITICAL, process.CRITICAL),
    (logging.ERROR, process.ERROR),
    (logging.WARNING, process.WARNING),
    (logging.INFO, process.INFO),
)


class HostHandler(logging.Handler):
    """To the server's error log."""

    def emit(self, record):
        severity = next((ours for theirs, ours in LEVELS if record.levelno >= theirs), process.DEBUG)
        try:
            process.host.log(severity, self.format(record))
        except Exception:
            self.handleError(record)


class Log:
    """gunicorn's logger: `server.log.info("...")`."""

    def __init__(self, level="info"):
        self.error_log = logging.getLogger("gunicorn.error")
        self.access_log = logging.getLogger("gunicorn.access")
        self.error_log.propagate = False
        self.error_log.handlers[:] = [HostHandler()]
        self.error_log.setLevel(getattr(logging, str(level).upper(), logging.INFO))
        for name in ("debug", "info", "warning", "error", "critical", "exception", "log"):
            setattr(self, name, getattr(self.error_log, name))


class Listener:
    def __init__(self, address):
        self.address = address

    def __str__(self):
        return "http://%s" % self.address if not self.address.startswith("unix:") else self.address

    def getsockname(self):
        host, _, port = self.address.rpartition(":")
        return (host, int(port)) if port.isdigit() else self.address


class Server:
    """The arbiter. Facts are those of the running call."""

    def __init__(self, cfg, log):
        self.cfg = cfg
        self.log = log
        self.pid = 0
        self.num_workers = 0
        self.generation = 1
        self.worker_age = 0
        self.address = cfg.address
        self.timeout = cfg.timeout
        self.proc_name = cfg.proc_name
        self.reexec_pid = 0
        self.master_pid = 0
        self.app = None
        self.LISTENERS = []
        self._workers = {}

    @property
    def WORKERS(self):
        """Workers by pid, as the process table has them now."""
        pids = workers_of(self.pid)
        self._workers = {pid: self._workers.get(pid) or Worker(self.cfg, self.log, 0, pid, 0) for pid in pids}
        return self._workers

    def worker(self, pid, age, slot):
        """One that a call is about; its pid is known when it runs."""
        known = self._workers.get(pid) or Worker(self.cfg, self.log, age, pid or "[booting]", slot)
        known.age, known.slot, known.ppid = age, slot, self.pid
        if pid:
            self._workers[pid] = known
        self.worker_age = max(self.worker_age, age)
        return known

    def update(self, pid, name, address, port, workers, generation):
        self.pid = pid
        self.proc_name = self.cfg.proc_name or name
        self.num_workers = workers
        self.generation = generation
        if port or address.startswith("/"):
            bound = "%s:%d" % (address, port) if port else "unix:" + address
            self.LISTENERS = [Listener(text) for text in self.cfg.bind or [bound]]

    def kill_worker(self, pid, number):
        os.kill(pid, number)

    def kill_workers(self, number):
        for pid in list(self.WORKERS):
            os.kill(pid, number)

    def reload(self):
        process.host.request(process.RELOAD)

    def wakeup(self):
        """The master waits on nothing that hooks could change."""

    def halt(self, reason=None, exit_status=0):
        os.kill(self.pid, signal.SIGTERM)


def workers_of(master):
    """The pids of the workers among the children of a process."""
    children = process_table.children_by_parent().get(master, ())
    return sorted(pid for pid, _ in children if process_table.command_of(pid).startswith(b"talon: worker"))


class Worker:
    def __init__(self, cfg, log, age, pid, slot):
        self.cfg = cfg
        self.log = log
        self.age = age
        self.pid = pid
        self.slot = slot
        self.ppid = os.getppid()
        self.nr = 0
        self.max_requests = cfg.max_requests or 0
        self.timeout = (cfg.timeout or 0) / 2
        self.alive = True
        self.booted = False
        self.aborted = False
        self.exit_status = None
        self.exit_signal = None
        self.app = None
        self.wsgi = None
        self.sockets = []
        self.tmp = None
        self.start_time = time.time()

    def notify(self):
        """The worker tells by itself that it lives."""

    def __str__(self):
        return "<Worker %s>" % self.pid


class Request:
    def __init__(self, method, target, path, query, headers, version, peer, scheme, number):
        self.method = method
        self.uri = target
        self.path = path
        self.query = query
        self.fragment = ""
        self.headers = [(name.upper(), value) for name, value in headers]
        self.trailers = []
        self.version = version
        self.peer_addr = self.remote_addr = peer
        self.scheme = scheme
        self.req_number = number
        self.body = None
        self.proxy_protocol_info = None

    def environ(self):
        """What CGI says of it. The environ that the application had is gone by now."""
        environ = {
            "REQUEST_METHOD": self.method,
            "RAW_URI": self.uri,
            "PATH_INFO": self.path,
            "QUERY_STRING": self.query,
            "SERVER_PROTOCOL": "HTTP/%d.%d" % self.version,
            "REMOTE_ADDR": self.peer_addr[0],
            "REMOTE_PORT": str(self.peer_addr[1]),
            "wsgi.url_scheme": self.scheme,
        }
        for name, value in self.headers:
            key = name.replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key
            environ[key] = "%s,%s" % (environ[key], value) if key in environ else value
        return environ


class Response:
    def __init__(self, status, size, duration):
        import http

        self.status_code = status
        try:
            self.status = "%d %s" % (status, http.HTTPStatus(status).phrase)
        except ValueError:
            self.status = str(status)
        if status == 0:  # none was sent
            self.status = self.status_code = None
        self.headers = []
        self.headers_sent = status != 0
        self.sent = self.response_length = size
        self.chunked = False
        self.duration = duration
