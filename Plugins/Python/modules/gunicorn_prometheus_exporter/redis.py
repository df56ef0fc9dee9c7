"""The names of the exporter's Redis side. The server forwards by its settings; a hook only says what is on."""

import os

from talon_host.configuration import process

from .config import is_true


def is_redis_enabled():
    return is_true(process.host.setting("redis_enabled") or os.environ.get("REDIS_ENABLED", ""))


def say_mode(logger):
    logger.info("Redis forwarder started" if is_redis_enabled() else "Redis forwarding disabled")


class RedisForwarder:
    """The server's own forwarder, which runs as long as the server does."""

    def start(self):
        return is_redis_enabled()

    def stop(self):
        """It ends with the server."""

    def is_running(self):
        return is_redis_enabled()


class RedisStorageManager(RedisForwarder):
    def setup(self):
        return is_redis_enabled()

    def teardown(self):
        """It ends with the server."""

    def is_enabled(self):
        return is_redis_enabled()

    def get_collector(self):
        return None


manager = RedisStorageManager()


def get_redis_storage_manager():
    return manager


def get_forwarder_manager():
    return manager


def setup_redis_metrics():
    return manager.setup()


def teardown_redis_metrics():
    manager.teardown()


def start_redis_forwarder():
    return manager.start()
