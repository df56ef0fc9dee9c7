"""Calls with a module when it is imported, and what is done then. Run as test_application.py."""

import importlib
import os
import sys
import tempfile
import types
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "talon_host"))
import on_import  # noqa: E402
import prometheus  # noqa: E402
import routes  # noqa: E402


class OnImportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        os.mkdir(os.path.join(cls.folder.name, "talon_pack"))
        for name, text in [
            ("talon_pack/__init__", "from . import inner\nseen = inner.changed"),
            ("talon_pack/inner", "changed = False"),
            ("talon_plain", "value = 1"),
            ("talon_again", "value = 1"),
            ("talon_broken", "raise RuntimeError('broken')"),
        ]:
            with open(os.path.join(cls.folder.name, name + ".py"), "w") as file:
                file.write(text)
        sys.path.insert(0, cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        sys.path.remove(cls.folder.name)
        cls.folder.cleanup()

    def test_comes_after_the_module_has_run_and_before_others_see_it(self):
        on_import.call("talon_pack.inner", lambda module: setattr(module, "changed", True))
        self.assertNotIn("talon_pack.inner", sys.modules)
        self.assertTrue(importlib.import_module("talon_pack").seen)

    def test_comes_at_once_if_the_module_is_there(self):
        seen = []
        on_import.call("os", seen.append)
        self.assertEqual(seen, [os])

    def test_leaves_the_loader_as_it_was_for_all_but_loading(self):
        on_import.call("talon_plain", lambda module: None)
        module = importlib.import_module("talon_plain")
        self.assertIs(type(module.__loader__), importlib.machinery.SourceFileLoader)
        self.assertEqual(module.__loader__.get_source("talon_plain"), "value = 1")

    def test_comes_again_at_a_reload(self):
        seen = []
        on_import.call("talon_again", seen.append)
        module = importlib.import_module("talon_again")
        importlib.reload(module)
        self.assertGreaterEqual(len(seen), 1)

    def test_waits_on_when_the_module_is_not_found_or_fails(self):
        seen = []
        on_import.call("talon_nowhere", seen.append)
        with self.assertRaises(ModuleNotFoundError):
            importlib.import_module("talon_nowhere")
        self.assertIn("talon_nowhere", on_import.finder.actions)
        on_import.call("talon_broken", seen.append)
        with self.assertRaisesRegex(RuntimeError, "broken"):
            importlib.import_module("talon_broken")
        self.assertEqual(seen, [])


def multiprocess_value(process_identifier=os.getpid):
    class Value:
        _multiprocess = True

        def identity(self):
            return process_identifier()

    return Value


class PrometheusTest(unittest.TestCase):
    def test_identifies_the_worker_by_its_slot_and_what_it_forks_by_slot_and_pid(self):
        identify = prometheus.process_identifier(3)
        self.assertEqual(identify(), "app-3")
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(write, identify().encode())
            os._exit(0)
        os.waitpid(child, 0)
        self.assertEqual(os.read(read, 100).decode(), "app-3-%d" % child)
        os.close(read)
        os.close(write)

    def test_changes_the_values_that_are_there(self):
        values = types.SimpleNamespace(ValueClass=multiprocess_value(), MultiProcessValue=multiprocess_value)
        there = values.ValueClass()
        prometheus.identify_with(values, lambda: "app-1")
        self.assertEqual(there.identity(), "app-1")
        self.assertEqual(values.ValueClass().identity(), "app-1")

    def test_makes_a_class_of_its_own_where_the_present_one_is_made_otherwise(self):
        class Other:
            _multiprocess = True

        values = types.SimpleNamespace(ValueClass=Other, MultiProcessValue=multiprocess_value)
        prometheus.identify_with(values, lambda: "app-1")
        self.assertEqual(values.ValueClass().identity(), "app-1")

    def test_leaves_values_of_one_process_alone(self):
        class Single:
            _multiprocess = False

        values = types.SimpleNamespace(ValueClass=Single)
        prometheus.identify_with(values, lambda: "app-1")
        self.assertIs(values.ValueClass, Single)


class RoutesTest(unittest.TestCase):
    def test_keep_what_the_application_has_stated(self):
        environ = {}
        for route in [None, "", "/first", "/second"]:
            routes.note(environ, route)
        self.assertEqual(environ, {"X-Talon-Route": "/first"})


if __name__ == "__main__":
    unittest.main()
