"""The exporter's configuration, read from the environment; the server's settings have the last word."""

import enum
import logging
import os
import threading
import time

from talon_host.configuration import process

logger = logging.getLogger(__name__)

# variable: (attribute, type, default)
VARIABLES = {
    "PROMETHEUS_MULTIPROC_DIR": ("prometheus_multiproc_dir", str, "/tmp/prometheus_multiproc"),
    "PROMETHEUS_METRICS_PORT": ("prometheus_metrics_port", int, 9090),
    "PROMETHEUS_BIND_ADDRESS": ("prometheus_bind_address", str, "0.0.0.0"),
    "PROMETHEUS_SSL_CERTFILE": ("prometheus_ssl_certfile", str, None),
    "PROMETHEUS_SSL_KEYFILE": ("prometheus_ssl_keyfile", str, None),
    "GUNICORN_WORKERS": ("gunicorn_workers", int, 1),
    "GUNICORN_TIMEOUT": ("gunicorn_timeout", int, 30),
    "GUNICORN_KEEPALIVE": ("gunicorn_keepalive", int, 2),
    "CLEANUP_DB_FILES": ("cleanup_db_files", bool, False),
    "REDIS_ENABLED": ("redis_enabled", bool, False),
    "REDIS_HOST": ("redis_host", str, "localhost"),
    "REDIS_PORT": ("redis_port", int, 6379),
    "REDIS_DB": ("redis_db", int, 0),
    "REDIS_PASSWORD": ("redis_password", str, None),
    "REDIS_KEY_PREFIX": ("redis_key_prefix", str, "gunicorn_metrics"),
    "REDIS_FORWARD_INTERVAL": ("redis_forward_interval", int, 30),
    "REDIS_TTL_SECONDS": ("redis_ttl_seconds", int, 300),
    "REDIS_TTL_DISABLED": ("redis_ttl_disabled", bool, False),
}


def is_true(text):
    return str(text).strip().lower() in ("true", "1", "yes", "on")


class ExporterConfig:
    """Attributes such as `prometheus_metrics_port`, read when they are asked for."""

    def __init__(self, **overrides):
        for name, value in overrides.items():
            if value is not None:
                os.environ[name] = str(value)

    def __getattr__(self, name):
        for variable, (attribute, kind, default) in VARIABLES.items():
            if attribute == name:
                return self._value(variable, kind, default)
        raise AttributeError(name)

    @staticmethod
    def _value(variable, kind, default):
        text = os.environ.get(variable)
        if not text:
            return default
        if kind is bool:
            return is_true(text)
        try:
            return kind(text)
        except ValueError:
            raise ValueError("%s: %r is no whole number" % (variable, text)) from None

    def get_gunicorn_config(self):
        bind = process.host.setting("bind") or os.environ.get("GUNICORN_BIND", "0.0.0.0:8000")
        return {"bind": bind, "workers": self.gunicorn_workers, "loglevel": process.host.setting("loglevel") or "info"}

    def problems(self):
        """What is wrong with it, a sentence each. Raises ValueError for what is no number."""
        for _, (attribute, _, _) in VARIABLES.items():
            getattr(self, attribute)
        found = []
        if not self.redis_enabled and not 1024 <= self.prometheus_metrics_port <= 65535:
            found.append("Port %d is not in valid range (1024-65535)" % self.prometheus_metrics_port)
        if self.gunicorn_workers < 1:
            found.append("Worker count %d must be at least 1" % self.gunicorn_workers)
        if self.gunicorn_timeout < 1:
            found.append("Timeout %d must be at least 1 second" % self.gunicorn_timeout)
        certificate, key = self.prometheus_ssl_certfile, self.prometheus_ssl_keyfile
        if certificate and not key:
            found.append("SSL key file required when certificate is provided")
        if key and not certificate:
            found.append("SSL certificate file required when key is provided")
        for kind, path in (("certificate", certificate), ("key", key)):
            if path and not os.path.exists(path):
                found.append("SSL %s file not found: %s" % (kind, path))
        return found

    def validate(self):
        """Whether it can be used; what is wrong is logged."""
        found = self.problems()
        for problem in found:
            logger.error(problem)
        return not found


class ConfigState(enum.Enum):
    UNINITIALIZED = "uninitialized"
    INITIALIZING = "initializing"
    INITIALIZED = "initialized"
    VALIDATING = "validating"
    UPDATING = "updating"
    CLEANUP = "cleanup"
    ERROR = "error"


class ConfigManager:
    """The configuration of this process, and the state that it is in. Any thread."""

    def __init__(self):
        self._lock = threading.RLock()
        self._reset()

    def _reset(self):
        self.state = ConfigState.UNINITIALIZED
        self._config = None
        self._initialized_at = None
        self._errors = []

    def initialize(self, config_file=None, **overrides):
        with self._lock:
            if self.state is ConfigState.INITIALIZED:
                raise RuntimeError("Configuration already initialized")
            if self.state is not ConfigState.UNINITIALIZED:
                raise RuntimeError("Configuration initialization in progress")
            self.state = ConfigState.INITIALIZING
        logger.info("Initializing configuration...")
        before = dict(os.environ)
        try:
            if config_file:
                from .yaml_file import load_yaml_config

                load_yaml_config(config_file)
                logger.info("YAML configuration loaded from: %s", config_file)
            made = ExporterConfig(**overrides)
            self.state = ConfigState.VALIDATING
            self._check(made)
        except Exception as error:
            logger.error("Configuration initialization failed: %s", error)
            restore(before)
            errors = self._errors or [str(error)]
            self._reset()
            self._errors = errors
            raise
        self._config = made
        self._initialized_at = time.time()
        self._errors = []
        self.state = ConfigState.INITIALIZED
        logger.info("Configuration initialized successfully")

    def _check(self, made):
        self._errors = made.problems()
        if self._errors:
            raise ValueError("Configuration validation failed: %s" % ", ".join(self._errors))

    def get_config(self):
        with self._lock:
            if self._config is None:
                raise RuntimeError("Configuration not initialized")
            if self.state is not ConfigState.INITIALIZED:
                raise RuntimeError("Configuration not ready (state: %s)" % self.state.value)
            return self._config

    def update_config(self, **overrides):
        """All of the overrides, or none."""
        with self._lock:
            self.get_config()
            logger.info("Updating configuration...")
            self._make_anew(overrides)
            logger.info("Configuration updated successfully")

    def reload_config(self):
        with self._lock:
            self.get_config()
            logger.info("Reloading configuration...")
            self._make_anew({})
            logger.info("Configuration reloaded successfully")

    def _make_anew(self, overrides):
        before = dict(os.environ)
        self.state = ConfigState.UPDATING
        try:
            made = ExporterConfig(**overrides)
            self._check(made)
            self._config = made
        except Exception:
            restore(before)
            raise
        finally:
            self.state = ConfigState.INITIALIZED

    def cleanup(self):
        with self._lock:
            logger.info("Cleaning up configuration...")
            self.state = ConfigState.CLEANUP
            self._reset()
            logger.info("Configuration cleanup completed")

    def reset(self):
        with self._lock:
            self._reset()
            logger.info("Configuration manager reset")

    def get_config_summary(self):
        ready = self._config is not None
        return {
            "state": self.state.value,
            "initialized": ready,
            "initialization_time": self._initialized_at,
            "validation_errors": list(self._errors),
            "prometheus_port": self._config.prometheus_metrics_port if ready else None,
            "redis_enabled": self._config.redis_enabled if ready else None,
            "gunicorn_workers": self._config.gunicorn_workers if ready else None,
        }

    def health_check(self):
        healthy = self.state is ConfigState.INITIALIZED
        return {"healthy": healthy, "state": self.state.value, "errors": list(self._errors)}


def restore(environment):
    """Of this process, as it was."""
    for name in list(os.environ):
        if name not in environment:
            del os.environ[name]
    os.environ.update(environment)


manager = ConfigManager()
config = ExporterConfig()


def get_config_manager():
    return manager


def initialize_config(config_file=None, **overrides):
    manager.initialize(config_file, **overrides)


def get_config():
    """The one of this process, made when it is first asked for: nothing happens at an import."""
    if manager.state is ConfigState.UNINITIALIZED:
        try:
            manager.initialize()
        except RuntimeError:
            pass  # another thread was first
    return manager.get_config()


def cleanup_config():
    manager.cleanup()
