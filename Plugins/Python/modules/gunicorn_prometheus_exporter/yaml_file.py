"""load_yaml_config: the exporter's YAML file, into the environment."""

import logging
import os
import signal
import socket

from talon_host.configuration import process
from talon_host.configuration.coding import CONFIGURATION_MARK, Reader

logger = logging.getLogger(__name__)

LIMIT = 10  # seconds
FAMILIES = ("prometheus_", "gunicorn_", "redis_", "cleanup_")


def load_yaml_config(config_file):
    """Sets the variables that the file has values for, but none that is set already, even to nothing. The server's own
    reader reads it: the errors are those of a talon.yaml."""
    path = os.fspath(config_file)
    logger.info("Loading configuration from YAML file: %s", path)
    for name, value in read(path):
        # A talon.yaml has settings of the server too, and those are no variables.
        if name.startswith(FAMILIES):
            os.environ.setdefault(name.upper(), value)
    logger.info("Configuration loaded successfully from YAML file")


def read(path):
    if not os.path.exists(path):
        raise FileNotFoundError("Configuration file not found: %s" % path)
    if not os.path.isfile(path):
        raise ValueError("Path is not a file: %s" % path)
    status, answer = ask(path)
    if status != 0:
        raise ValueError(answer.decode("utf-8", "replace") or "%s cannot be read" % path)
    return settings(Reader(answer))


def ask(path):
    """The exit status of the reader, and what it says on its descriptor 3."""
    program = os.path.join(process.home(), "bin", "talon-plugin")
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            place = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), 3)]
            words = ["talon:", "configuration-reader", path]
            pid = os.posix_spawn(program, words, os.environ, file_actions=place)
        ours.settimeout(LIMIT)
        try:
            answer = b"".join(iter(lambda: ours.recv(65536), b""))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            answer = b"%s was not read within %d s" % (os.fsencode(path), LIMIT)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), answer


def settings(reader):
    if reader.text() != CONFIGURATION_MARK:
        raise ValueError("the reader of YAML files answered nonsense; install Talon anew")
    reader.text()
    found = []
    for _ in range(reader.number32()):
        name = reader.text()
        reader.text()
        if reader.number32() == 4:
            found.append((name, reader.text()))
    return found
