"""The hooks of gunicorn-prometheus-exporter, and the managers that they are made of."""

import os

from talon_host.configuration import process

from . import redis
from .config import get_config
from .loggers import hooks_logger
from .managers import EnvironmentManager, HookContext, HookManager, ProcessManager, WorkerManager
from .servers import MetricsServerManager
from .yaml_file import load_yaml_config

__all__ = [
    "EnvironmentManager",
    "HookContext",
    "HookManager",
    "MetricsServerManager",
    "ProcessManager",
    "WorkerManager",
    "default_on_exit",
    "default_on_starting",
    "default_post_fork",
    "default_when_ready",
    "default_worker_int",
    "get_config",
    "load_yaml_config",
    "redis_sidecar_when_ready",
    "redis_when_ready",
]


def done():
    """The default hook of the server would do the same once more."""
    process.host.handled = True


def default_on_starting(_server):
    logger = hooks_logger()
    directory = os.environ.get("PROMETHEUS_MULTIPROC_DIR") or process.host.setting("prometheus_multiproc_dir")
    if not directory or process.host.setting("metrics") == "false":
        logger.warning("PROMETHEUS_MULTIPROC_DIR not set; skipping master metrics initialization")
        return
    logger.info("Server starting - initializing PrometheusMaster metrics")
    make_folder(directory)
    logger.info("Multiprocess directory ready: %s", directory)
    logger.info("Master metrics initialized")
    done()


def make_folder(path):
    os.makedirs(path, exist_ok=True)
    # The default is in /tmp, where another user could have put a folder, or a link to one, before us.
    owner = os.lstat(path).st_uid
    if owner not in (os.geteuid(), 0) or not os.access(path, os.W_OK | os.X_OK):
        message = "PROMETHEUS_MULTIPROC_DIR %s belongs to user %d; choose a folder that is yours and can be written"
        raise PermissionError(message % (path, owner))


def default_when_ready(_server):
    logger = hooks_logger()
    manager = MetricsServerManager(logger)
    result = manager.setup_server()
    if result is None:
        return
    port, registry = result
    logger.info("Starting Prometheus multiprocess metrics server on :%s", port)
    if not manager.start_server(port, registry):
        logger.error("Failed to start metrics server")
    done()


def default_post_fork(_server, worker):
    logger = hooks_logger()
    cfg = worker.cfg
    summary = cfg.summary() if hasattr(cfg, "summary") else cfg
    logger.info("Gunicorn configuration: %s", summary)
    logger.debug("=== Gunicorn Configuration ===\n%s\n=== End Configuration ===", cfg)
    EnvironmentManager(logger).update_from_cli(cfg)
    done()


def default_worker_int(worker):
    logger = hooks_logger()
    logger.info("Worker %s received interrupt signal", worker.pid)
    WorkerManager(logger).update_metrics(worker)
    done()


def default_on_exit(_server):
    logger = hooks_logger()
    logger.info("Server shutting down - cleaning up Prometheus metrics server")
    try:
        MetricsServerManager(logger).stop_server()
        ProcessManager(logger).cleanup_processes()
        logger.info("Server shutdown complete")
    except Exception as error:
        logger.error("Error during server shutdown: %s", error)
    done()


def redis_when_ready(server):
    default_when_ready(server)
    redis.say_mode(hooks_logger())


def redis_sidecar_when_ready(server):
    logger = hooks_logger()
    redis.say_mode(logger)
    if redis.is_redis_enabled():
        # What forwards is the process that serves the port.
        default_when_ready(server)
        return
    logger.info("Sidecar mode: skipping metrics server setup in app container")
    done()
