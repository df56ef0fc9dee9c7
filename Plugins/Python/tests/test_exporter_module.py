"""The module gunicorn_prometheus_exporter: its names, and what its managers do. Run as test_application.py."""

import errno
import logging
import os
import subprocess
import sys
import types
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "modules")]
import gunicorn_prometheus_exporter as exporter  # noqa: E402
from gunicorn_prometheus_exporter import hooks, plugin  # noqa: E402
from talon_host.configuration import process  # noqa: E402

# The package has a configuration by that name.
config = sys.modules["gunicorn_prometheus_exporter.config"]
PUBLIC = """PrometheusWorker PrometheusThreadWorker PrometheusEventletWorker PrometheusGeventWorker
PrometheusTornadoWorker PrometheusMaster registry ExporterConfig ConfigManager ConfigState get_config_manager
initialize_config get_config cleanup_config load_yaml_config RedisStorageManager get_redis_storage_manager
setup_redis_metrics teardown_redis_metrics is_redis_enabled get_prometheus_eventlet_worker
get_prometheus_gevent_worker config get_forwarder_manager RedisForwarder start_redis_forwarder""".split()
HOOKS = """default_on_starting default_when_ready default_post_fork default_worker_int default_on_exit redis_when_ready
redis_sidecar_when_ready HookContext HookManager EnvironmentManager MetricsServerManager WorkerManager ProcessManager
load_yaml_config get_config""".split()


class FakeHost(process.Host):
    """A server that answers requests with the statuses it is given, the last one for ever."""

    role = "runner"

    def __init__(self, *statuses, **settings):
        self.statuses = list(statuses) or [0]
        self.values = settings
        self.asked = []

    def setting(self, name):
        return self.values.get(name)

    def settings(self):
        return self.values

    def request(self, kind, name="", value=""):
        self.asked.append(kind)
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


class Case(unittest.TestCase):
    def setUp(self):
        self.logger = logging.getLogger("test")
        before = process.host, dict(os.environ)
        self.addCleanup(self.restore, *before)

    def restore(self, host, environment):
        process.is_host(host)
        os.environ.clear()
        os.environ.update(environment)
        config.manager.reset()


class NamesTest(Case):
    def test_every_public_name_is_there(self):
        self.assertEqual([name for name in PUBLIC if not hasattr(exporter, name)], [])
        self.assertEqual([name for name in HOOKS if not hasattr(hooks, name)], [])

    def test_worker_classes_are_named_as_paths_name_them(self):
        for name in PUBLIC[:5]:
            kind = getattr(plugin, name)
            self.assertIs(kind, getattr(exporter, name))
            self.assertEqual("%s.%s" % (kind.__module__, kind.__qualname__), "gunicorn_prometheus_exporter." + name)


class MetricsServerTest(Case):
    def manager(self, *statuses, **settings):
        settings = {"prometheus_multiproc_dir": "/tmp/x", "prometheus_metrics_port": "9191", **settings}
        process.is_host(FakeHost(*statuses, **settings))
        return hooks.MetricsServerManager(self.logger, max_retries=3, retry_delay=0)

    def test_sets_up_the_port_of_the_settings(self):
        port, registry = self.manager().setup_server()
        self.assertEqual(port, 9191)
        self.assertTrue(hasattr(registry, "collect"))

    def test_has_nothing_to_set_up_without_metrics(self):
        with self.assertLogs(self.logger, "WARNING"):
            self.assertIsNone(self.manager(metrics="false").setup_server())

    def test_retries_while_the_port_is_taken(self):
        manager = self.manager(errno.EINPROGRESS, errno.EINPROGRESS, 0)
        with self.assertLogs(self.logger, "INFO") as log:
            self.assertTrue(manager.start_server(9191, None))
        self.assertEqual(process.host.asked, [process.START_METRICS_SERVER] * 3)
        self.assertIn("Port 9191 in use (attempt 2/3), retrying in 0 second...", log.output[1])
        self.assertIn("Metrics server started successfully on port 9191", log.output[2])
        self.assertTrue(process.host.handled, "the default hook does not start it again")

    def test_gives_up_after_its_attempts(self):
        with self.assertLogs(self.logger, "ERROR") as log:
            self.assertFalse(self.manager(errno.EINPROGRESS).start_server(9191))
        self.assertIn("Failed to start metrics server after 3 attempts", log.output[-1])


class EnvironmentTest(Case):
    def test_maps_what_is_not_the_default_and_says_so(self):
        for name in ("WORKERS", "BIND", "WORKER_CLASS", "TIMEOUT"):
            os.environ.pop("GUNICORN_" + name, None)
        os.environ["GUNICORN_TIMEOUT"] = "600"
        kind = type("PrometheusWorker", (), {"__module__": "gunicorn_prometheus_exporter"})
        cfg = types.SimpleNamespace(workers=8, bind=["0.0.0.0:9000", "unix:/a"], worker_class=kind, timeout=600)
        with self.assertLogs(self.logger, "INFO") as log:
            hooks.EnvironmentManager(self.logger).update_from_cli(cfg)
        self.assertEqual(os.environ["GUNICORN_WORKERS"], "8")
        self.assertEqual(os.environ["GUNICORN_BIND"], "0.0.0.0:9000,unix:/a")
        self.assertEqual(os.environ["GUNICORN_WORKER_CLASS"], "gunicorn_prometheus_exporter.PrometheusWorker")
        self.assertEqual(len(log.output), 3, "the timeout is there already")
        self.assertIn("Updated GUNICORN_WORKERS from CLI: 8", log.output[0])

    def test_leaves_defaults_alone(self):
        os.environ.pop("GUNICORN_WORKERS", None)
        cfg = types.SimpleNamespace(workers=1, bind="127.0.0.1:8000", worker_class="sync", timeout=30)
        hooks.EnvironmentManager(self.logger).update_from_cli(cfg)
        self.assertNotIn("GUNICORN_WORKERS", os.environ)


class HookManagerTest(Case):
    def test_logs_what_a_hook_raises(self):
        manager = hooks.HookManager()
        with self.assertLogs(manager.get_logger(), "ERROR") as log:
            self.assertFalse(manager.safe_execute(lambda: 1 / 0))
        self.assertIn("Hook execution failed: division by zero", log.output[0])
        self.assertTrue(manager.safe_execute(lambda: None))


class WorkerManagerTest(Case):
    def test_shuts_a_worker_down_by_its_handler_or_its_flag(self):
        manager = hooks.WorkerManager(self.logger)
        quits = []
        worker = types.SimpleNamespace(alive=True, handle_quit=lambda number, frame: quits.append(number))
        manager.shutdown_worker(worker)
        self.assertEqual(len(quits), 1)
        plain = types.SimpleNamespace(alive=True)
        manager.shutdown_worker(plain)
        self.assertFalse(plain.alive)


class ProcessManagerTest(Case):
    def test_ends_children_and_kills_those_that_do_not_end(self):
        polite = subprocess.Popen(["sleep", "600"])
        ready, told = os.pipe()
        script = "trap '' TERM; echo ready >&%d; while :; do sleep 1; done" % told
        stubborn = subprocess.Popen(["sh", "-c", script], pass_fds=[told])
        os.read(ready, 1)
        os.close(ready)
        os.close(told)
        with self.assertLogs(self.logger, "INFO") as log:
            hooks.ProcessManager(self.logger, timeout=0.5).cleanup_processes()
        for pid in (polite.pid, stubborn.pid):
            self.assertFalse(os.path.exists("/proc/%d" % pid))
            self.assertTrue(any("(PID: %d)" % pid in line for line in log.output))
        self.assertTrue(any("Force killing child process" in line and str(stubborn.pid) in line for line in log.output))
        polite.returncode = stubborn.returncode = 0  # they were reaped


class ConfigTest(Case):
    def test_has_the_guide_s_defaults(self):
        for name in config.VARIABLES:
            os.environ.pop(name, None)
        found = config.ExporterConfig()
        self.assertEqual(found.prometheus_metrics_port, 9090)
        self.assertEqual(found.prometheus_bind_address, "0.0.0.0")
        self.assertEqual(found.prometheus_multiproc_dir, "/tmp/prometheus_multiproc")
        self.assertIs(found.cleanup_db_files, False)
        self.assertIsNone(found.redis_password)

    def test_reads_truths_and_numbers_as_the_exporter_does(self):
        for text in ("true", "1", "YES", "on"):
            os.environ["REDIS_ENABLED"] = text
            self.assertIs(config.ExporterConfig().redis_enabled, True, text)
        for text in ("false", "0", "invalid"):
            os.environ["REDIS_ENABLED"] = text
            self.assertIs(config.ExporterConfig().redis_enabled, False, text)
        os.environ["PROMETHEUS_METRICS_PORT"] = "many"
        with self.assertRaisesRegex(ValueError, "PROMETHEUS_METRICS_PORT: 'many'"):
            config.ExporterConfig().prometheus_metrics_port

    def test_manager_goes_through_its_states(self):
        manager = exporter.ConfigManager()
        with self.assertRaisesRegex(RuntimeError, "Configuration not initialized"):
            manager.get_config()
        manager.initialize(PROMETHEUS_METRICS_PORT=9192, GUNICORN_WORKERS=None)
        self.assertIs(manager.state, exporter.ConfigState.INITIALIZED)
        self.assertEqual(manager.get_config().prometheus_metrics_port, 9192)
        self.assertTrue(manager.health_check()["healthy"])
        with self.assertRaisesRegex(RuntimeError, "Configuration already initialized"):
            manager.initialize()
        manager.cleanup()
        self.assertIs(manager.state, exporter.ConfigState.UNINITIALIZED)

    def test_a_failed_start_leaves_no_half_of_one(self):
        manager = exporter.ConfigManager()
        with self.assertRaises(ValueError):
            manager.initialize(PROMETHEUS_METRICS_PORT="many")
        self.assertIs(manager.state, exporter.ConfigState.UNINITIALIZED)

    def test_refuses_what_the_exporter_refuses_and_says_all_of_it(self):
        manager = exporter.ConfigManager()
        before = dict(os.environ)
        with self.assertRaises(ValueError) as raised:
            manager.initialize(
                PROMETHEUS_METRICS_PORT=80, GUNICORN_WORKERS=0, GUNICORN_TIMEOUT=0, PROMETHEUS_SSL_CERTFILE="/no/such"
            )
        for text in (
            "Configuration validation failed: Port 80 is not in valid range (1024-65535)",
            "Worker count 0 must be at least 1",
            "Timeout 0 must be at least 1 second",
            "SSL key file required when certificate is provided",
            "SSL certificate file not found: /no/such",
        ):
            self.assertIn(text, str(raised.exception))
        self.assertEqual(dict(os.environ), before, "nothing of it stays")
        self.assertEqual(len(manager.get_config_summary()["validation_errors"]), 5)
        self.assertFalse(manager.health_check()["healthy"])

    def test_an_update_is_whole_or_not_at_all(self):
        manager = exporter.ConfigManager()
        with self.assertRaisesRegex(RuntimeError, "Configuration not initialized"):
            manager.reload_config()
        manager.initialize(PROMETHEUS_METRICS_PORT=9192)
        with self.assertRaises(ValueError):
            manager.update_config(GUNICORN_TIMEOUT=7, PROMETHEUS_METRICS_PORT=1)
        self.assertEqual(manager.get_config().prometheus_metrics_port, 9192)
        self.assertNotEqual(os.environ.get("GUNICORN_TIMEOUT"), "7")
        manager.update_config(PROMETHEUS_METRICS_PORT=9193)
        self.assertEqual(manager.get_config().prometheus_metrics_port, 9193)

    def test_one_thread_initializes_at_a_time(self):
        manager = exporter.ConfigManager()
        manager.state = exporter.ConfigState.INITIALIZING
        with self.assertRaisesRegex(RuntimeError, "Configuration initialization in progress"):
            manager.initialize()

    def test_get_config_initializes_once(self):
        self.assertIs(exporter.get_config(), exporter.get_config())


class CfgTest(Case):
    def test_has_values_in_their_types(self):
        from talon_host.configuration.config import Config

        texts = {
            "workers": "4",
            "preload_app": "true",
            "bind": "127.0.0.1:1,unix:/a",
            "raw_env": "A=1,2,B=3",
            "talon.list.raw_env": '["A=1,2", "B=3"]',
            "umask": "0117",
            "proc_name": "8",
        }
        cfg = Config(texts)
        self.assertEqual((cfg.workers, cfg.preload_app, cfg.umask, cfg.proc_name), (4, True, 0o117, "8"))
        self.assertEqual(cfg.bind, ["127.0.0.1:1", "unix:/a"])
        self.assertEqual(cfg.address, [("127.0.0.1", 1), "/a"])
        self.assertEqual(cfg.env, {"A": "1,2", "B": "3"})
        self.assertNotIn("talon.list.raw_env", cfg.settings)
        self.assertIn("raw_env", str(cfg))


class RedisTest(Case):
    def test_tells_the_truth(self):
        process.is_host(FakeHost(redis_enabled="true"))
        self.assertTrue(exporter.is_redis_enabled())
        self.assertTrue(exporter.start_redis_forwarder())
        self.assertTrue(exporter.setup_redis_metrics())
        with self.assertLogs(hooks.hooks_logger(), "INFO") as log:
            hooks.redis_sidecar_when_ready(None)
        self.assertIn("Redis forwarding enabled", log.output[0])


if __name__ == "__main__":
    unittest.main()
