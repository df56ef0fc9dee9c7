"""The metrics server: the server's own exporter, started when a hook says so."""

import errno
import os
import time

from talon_host.configuration import process

from .loggers import hooks_logger


class MetricsServerManager:
    """`max_retries` times `retry_delay` seconds is how long start_server() waits for the port at most. The server itself
    goes on trying after that."""

    def __init__(self, logger=None, max_retries=3, retry_delay=1):
        self.logger = logger or hooks_logger()
        self.max_retries = max_retries
        self.retry_delay = retry_delay

    def setup_server(self):
        """(port, registry), or None without metrics."""
        host = process.host
        if host.setting("metrics") == "false" or not host.setting("prometheus_multiproc_dir"):
            self.logger.warning("PROMETHEUS_MULTIPROC_DIR not set; skipping metrics server")
            return None
        port = int(host.setting("prometheus_metrics_port") or os.environ.get("PROMETHEUS_METRICS_PORT") or 9090)
        self.logger.debug("Successfully initialized MultiProcessCollector")
        return port, registry()

    def start_server(self, port, registry=None):
        """Whether it serves. The address is that of the settings."""
        process.host.handled = True  # the default hook would begin anew
        for attempt in range(1, self.max_retries + 1):
            if self._start_single_attempt(port, registry):
                self.logger.info("Metrics server started successfully on port %s", port)
                return True
            if attempt < self.max_retries:
                self.logger.warning(
                    "Port %s in use (attempt %d/%d), retrying in %s second...",
                    port,
                    attempt,
                    self.max_retries,
                    self.retry_delay,
                )
                time.sleep(self.retry_delay)
        self.logger.error("Failed to start metrics server after %d attempts", self.max_retries)
        return False

    def _start_single_attempt(self, port, registry):
        status = process.host.request(process.START_METRICS_SERVER)
        if status not in (0, errno.EINPROGRESS):
            reason = "refused by the server" if status < 0 else os.strerror(status)
            self.logger.error("Failed to start metrics server: %s", reason)
        return status == 0

    def stop_server(self):
        """The exporter serves until the last hook has run, so that the last counts can be read; then the server ends
        it."""
        self.logger.debug("Metrics server will be stopped when process exits")


def registry():
    """A registry with the series of all workers, for code that wants to look at it; None without prometheus_client."""
    try:
        from prometheus_client import CollectorRegistry
        from prometheus_client.multiprocess import MultiProcessCollector
    except ImportError:
        return NoRegistry()
    found = CollectorRegistry()
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR") or process.host.setting("prometheus_multiproc_dir")
    if folder and os.path.isdir(folder):
        MultiProcessCollector(found, path=folder)
    return found


class NoRegistry:
    """Without prometheus_client: the series are the server's."""

    def collect(self):
        return iter(())

    def register(self, collector):
        """Nothing reads it."""
