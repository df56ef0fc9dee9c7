"""What the application's address may say. Run: python3 -m unittest discover -s Plugins/Python/tests"""

import os
import sys
import tempfile
import textwrap
import unittest

# application.py alone, not the package: the rest needs the runtime.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "talon_host"))
from application import AppImportError, import_app  # noqa: E402

MODULE = """
    def application(environ, start_response): return []
    app = application
    nothing = None
    number = 5
    def factory(name, key=0):
        def made(environ, start_response): return [name, key]
        return made
    def fails(): raise TypeError("inside")
    def nil(): return None
    class Builder:
        def __init__(self, name): self.name = name + ""
        def __call__(self, environ, start_response): return []
"""


class ImportAppTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.write("talon_sample", MODULE)
        cls.write("talon_broken", "1 +")
        cls.write("talon_raises", "raise KeyError('x')")
        cls.write("talon_needs", "import talon_is_not_there")
        sys.path.insert(0, cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        sys.path.remove(cls.folder.name)
        cls.folder.cleanup()

    @classmethod
    def write(cls, name, text):
        with open(os.path.join(cls.folder.name, name + ".py"), "w") as file:
            file.write(textwrap.dedent(text))

    def assert_not_found(self, address, message):
        with self.assertRaises(AppImportError) as caught:
            import_app(address)
        self.assertIn(message, str(caught.exception))

    def test_a_module_alone_means_its_application(self):
        import talon_sample

        self.assertIs(import_app("talon_sample"), talon_sample.application)

    def test_a_name_is_an_attribute(self):
        import talon_sample

        self.assertIs(import_app("talon_sample:app"), talon_sample.app)

    def test_a_call_is_made_with_literal_arguments(self):
        self.assertEqual(import_app("talon_sample:factory('x', key=[1])")(None, None), ["x", [1]])
        self.assertEqual(import_app('talon_sample:factory("a:b")')(None, None), ["a:b", 0])
        self.assertEqual(import_app("talon_sample:Builder('n')").name, "n")

    def test_a_missing_attribute_is_named(self):
        self.assert_not_found("talon_sample:x", "Failed to find attribute 'x' in 'talon_sample'.")

    def test_what_is_not_callable_is_refused(self):
        self.assert_not_found("talon_sample:number", "Application object must be callable.")
        self.assert_not_found("talon_sample:nothing", "Failed to find application object: 'nothing'")
        self.assert_not_found("talon_sample:nil()", "Failed to find application object: 'nil()'")

    def test_other_expressions_are_refused(self):
        message = "as an attribute name or function call."
        for expression in ("", "1", "a.b", "a + b", "a b", "f(", "f'x'"):
            self.assert_not_found("talon_sample:" + expression, message)
        self.assert_not_found("talon_sample:a.b()", "Function reference must be a simple name: 'a.b()'")
        self.assert_not_found("talon_sample:factory(app)", "Failed to parse arguments as literal values")

    def test_wrong_arguments_are_explained_without_a_traceback(self):
        self.assert_not_found("talon_sample:factory()", "TypeError: factory() missing 1 required positional argument")
        self.assert_not_found("talon_sample:factory(1, 2, 3)", "TypeError: factory() takes from 1 to 2")

    def test_an_error_inside_the_factory_stays_what_it_is(self):
        with self.assertRaisesRegex(TypeError, "inside"):
            import_app("talon_sample:fails()")
        with self.assertRaisesRegex(TypeError, "unsupported operand"):
            import_app("talon_sample:Builder(1)")

    def test_errors_of_the_import_stay_what_they_are(self):
        self.assertRaises(ImportError, import_app, "talon_is_not_there")
        self.assertRaises(ImportError, import_app, "talon_needs:app")
        self.assertRaises(SyntaxError, import_app, "talon_broken:app")
        self.assertRaises(KeyError, import_app, "talon_raises:app")

    def test_a_file_name_gets_a_hint(self):
        before = os.getcwd()
        os.chdir(self.folder.name)
        try:
            with self.assertRaisesRegex(ImportError, "did you mean 'talon_sample:app'"):
                import_app("talon_sample.py:app")
        finally:
            os.chdir(before)


if __name__ == "__main__":
    unittest.main()
