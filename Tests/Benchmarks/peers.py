"""The servers that are compared, and how each of them is started for an application."""

import os
import shutil
import sys

from servers import APPS, Failure, Server

BESIDE = os.path.dirname(sys.executable)
SERVED = "gunicorn_worker_requests_total"
BIND = "127.0.0.1:{port}"

# As Debian's own configuration sets it, but for what would be no comparison: a log, and an end of each connection.
NGINX_CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log stderr;
events { worker_connections 1024; }
http {
    access_log off; sendfile on; tcp_nopush on; default_type text/plain; keepalive_requests 1000000000;
    client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
    uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
    server { listen 127.0.0.1:{port}; location / { return 200 "Hello, world!"; } }
}
"""


def command_of(program, package):
    """Where the program is; Failure if it is not installed."""
    found = next((path for path in (f"{BESIDE}/{program}", shutil.which(program)) if path and os.path.exists(path)), None)
    if not found:
        raise Failure(f"{program} is not there; it comes with {package}")
    return found


class Peers:
    """Makes each server. What is not installed raises Failure."""

    def __init__(self, talon, native):
        self._talon = talon
        self._native = native

    def talon(self, app, name="talon", more=(), metrics=SERVED, environment=None):
        python = ["--chdir", APPS, "--python", sys.executable]
        return Server(name, [self._talon, "-w", "1", "-b", BIND, *python, *more, app], metrics, environment or {})

    def talon_without_metrics(self, app):
        return self.talon(app, "talon --no-metrics", ["--no-metrics"], "")

    def talon_native(self):
        if not self._native:
            raise Failure("the native application is not built: --native")
        return Server("talon", [self._talon, "-w", "1", "-b", BIND, os.path.abspath(self._native)], SERVED)

    def gunicorn(self, app, more=()):
        return Server("gunicorn", [command_of("gunicorn", "PyPI's gunicorn"), "-w", "1", "-b", BIND, *more, app])

    def gunicorn_with_exporter(self, app):
        gunicorn = command_of("gunicorn", "PyPI's gunicorn")
        configuration = ["--config", f"{APPS}/exporter_conf.py"]
        environment = {"GUNICORN_WORKERS": "1"}
        return Server(
            "gunicorn+exporter", [gunicorn, "-w", "1", "-b", BIND, *configuration, app], SERVED, environment)

    def granian(self, app):
        granian = command_of("granian", "PyPI's granian")
        kind = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", "1", "--http", "1", "--no-ws"]
        return Server("granian", [granian, *kind, "--host", "127.0.0.1", "--port", "{port}", app])

    def bjoern(self, app):
        # find_spec only: to import it would start its signal handling here.
        from importlib.util import find_spec

        if not find_spec("bjoern"):
            raise Failure("bjoern is not there; it is built from PyPI, and wants gcc and Debian's libev-dev")
        module, name = app.split(":")
        run = f"import bjoern, {module}; bjoern.run({module}.{name}, '127.0.0.1', {{port}})"
        return Server("bjoern", [sys.executable, "-c", run])

    def nginx(self):
        nginx = command_of("nginx", "Debian's nginx")
        user = "user root; " if os.geteuid() == 0 else ""
        arguments = ["-e", "stderr", "-p", "{folder}", "-c", "{folder}/nginx.conf"]
        return Server("nginx", [nginx, *arguments], files={"nginx.conf": user + NGINX_CONFIGURATION})
