"""The names of the exporter's Redis side. Talon does not forward to Redis yet: they say so, and do nothing."""

import os

from talon_host.configuration import process

from .config import is_true


def is_redis_enabled():
    return is_true(process.host.setting("redis_enabled") or os.environ.get("REDIS_ENABLED", ""))


def say_mode(logger):
    if is_redis_enabled():
        logger.warning("REDIS_ENABLED has no effect yet: metrics are served, and not forwarded")
    else:
        logger.info("Redis forwarding disabled")


class RedisForwarder:
    """Nothing is forwarded yet, and so it says."""

    def start(self):
        return False

    def stop(self):
        """Nothing runs."""

    def is_running(self):
        return False


class RedisStorageManager(RedisForwarder):
    def setup(self):
        return False

    def teardown(self):
        """Nothing runs."""

    def is_enabled(self):
        return False

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
