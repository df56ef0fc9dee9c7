"""gunicorn-prometheus-exporter, as Talon has it built in: the names that configuration files and applications import.
What they do is done by the server."""

import logging

from talon_host.configuration import process

from .config import (
    ConfigManager,
    ConfigState,
    ExporterConfig,
    cleanup_config,
    config,
    get_config,
    get_config_manager,
    initialize_config,
)
from .hooks import (
    default_on_exit,
    default_on_starting,
    default_post_fork,
    default_when_ready,
    default_worker_int,
    load_yaml_config,
    redis_sidecar_when_ready,
    redis_when_ready,
)
from .plugin import (
    PrometheusEventletWorker,
    PrometheusGeventWorker,
    PrometheusMaster,
    PrometheusThreadWorker,
    PrometheusTornadoWorker,
    PrometheusWorker,
    get_prometheus_eventlet_worker,
    get_prometheus_gevent_worker,
)
from .redis import (
    RedisForwarder,
    RedisStorageManager,
    get_forwarder_manager,
    get_redis_storage_manager,
    is_redis_enabled,
    setup_redis_metrics,
    start_redis_forwarder,
    teardown_redis_metrics,
)

__version__ = "0.2.4"
__all__ = [name for name in dict(globals()) if not name.startswith("_") and name not in ("logging", "process")]
__all__.append("registry")


def __getattr__(name):
    if name == "registry":
        from .servers import registry

        globals()["registry"] = registry()
        return globals()["registry"]
    raise AttributeError("module %r has no attribute %r" % (__name__, name))


# The process that runs the configuration is ours to set up; in a worker the root logger is the application's.
if process.host.role == "runner":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s - %(name)s - %(levelname)s - %(message)s")
