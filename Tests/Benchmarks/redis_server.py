"""A real Redis on a unix socket, in a folder of its own; nothing is saved."""

import contextlib
import os
import signal
import subprocess
import tempfile

import servers


@contextlib.contextmanager
def running():
    """The process, and the path of its socket. It is ended also when it is stopped."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/redis.sock"
        redis = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", folder,
             "--loglevel", "warning"], stdout=subprocess.DEVNULL)
        try:
            servers.wait_for("Redis answers", lambda: os.path.exists(path))
            yield redis, path
        finally:
            redis.send_signal(signal.SIGCONT)
            redis.terminate()
            redis.wait()
