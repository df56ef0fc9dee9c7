"""The names of the exporter's Redis side. Talon's exporter forwards by itself where Redis is on: they tell whether it is."""

import os

from talon_host.configuration import process

from .config import is_true


def is_redis_enabled():
    return is_true(process.host.setting("redis_enabled") or os.environ.get("REDIS_ENABLED", ""))


def say_mode(logger):
    if is_redis_enabled():
        logger.info("Redis forwarding enabled")
    else:
        logger.info("Redis forwarding disabled")


class RedisForwarder:
    """That of the exporter's process, which the settings alone turn on and off."""

    def start(self):
        return is_redis_enabled()

    def stop(self):
        """It ends with the server."""

    def is_running(self):
        return is_redis_enabled()


class RedisStorageManager(RedisForwarder):
    """Metrics are in files, and Redis has a copy: nothing is written per request."""

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
