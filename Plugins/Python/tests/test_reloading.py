"""What development reload tells the master, and the page of a failure. Run as test_application.py."""

import os
import sys
import tempfile
import types
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "talon_host"))
sys.modules.setdefault("_talon", types.ModuleType("_talon"))
import reloading  # noqa: E402


def call(application):
    answer = []
    body = b"".join(application({}, lambda status, fields: answer.extend([status, dict(fields)])))
    return answer[0], answer[1], body.decode()


class ReporterTest(unittest.TestCase):
    def setUp(self):
        self.reading, writing = os.pipe()
        self.reporter = reloading.Reporter()
        self.reporter.descriptor = writing

    def tearDown(self):
        os.close(self.reading)
        os.close(self.reporter.descriptor)

    def test_each_file_is_told_once_with_its_whole_path(self):
        self.reporter.tell({"a.py"})
        self.reporter.tell({"a.py", "/b.py"})
        notes = os.read(self.reading, 65536).decode()
        self.assertEqual(notes, os.path.abspath("a.py") + "\0/b.py\0")

    def test_a_path_that_does_not_fit_is_left_out(self):
        self.reporter.tell({"/" + "x" * reloading.LONGEST})
        self.reporter.tell({"/b.py"})
        self.assertEqual(os.read(self.reading, 65536), b"/b.py\0")


class FilesTest(unittest.TestCase):
    def test_modules_of_the_process_are_there_by_source(self):
        files = reloading.module_files()
        self.assertIn(reloading.__file__, files)
        self.assertFalse([file for file in files if file.endswith(".pyc")])

    def test_what_is_no_module_or_has_no_file_is_left_out(self):
        sys.modules["talon_odd"] = types.SimpleNamespace(__file__=None)
        self.addCleanup(sys.modules.pop, "talon_odd")
        reloading.module_files()


class FailureTest(unittest.TestCase):
    def failure(self, source, address="app:app"):
        reloading.reporter = reloading.Reporter()
        with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
            file.write(source)
            file.flush()
            try:
                exec(compile(source, file.name, "exec"), {})
            except BaseException as error:
                return file.name, call(reloading.failed(error, address))

    def test_the_page_is_escaped_and_the_files_are_watched(self):
        name, (status, fields, body) = self.failure("raise ValueError('<b>&</b>')")
        self.assertTrue(status.startswith("500 "))
        self.assertEqual(int(fields["Content-Length"]), len(body.encode()))
        self.assertIn("&lt;b&gt;&amp;&lt;/b&gt;", body)
        self.assertNotIn("<b>", body)
        self.assertIn(name, reloading.reporter.more)
        self.assertIn("app.py", reloading.reporter.more)

    def test_a_syntax_error_is_of_the_file_that_has_it(self):
        name, (_, _, body) = self.failure("def app(:")
        self.assertIn("SyntaxError", body)
        self.assertIn(name, reloading.reporter.more)

    def test_text_that_is_no_unicode_is_shown(self):
        _, (_, _, body) = self.failure("raise ValueError('\\udcff')")
        self.assertIn("udcff", body)

    def test_a_module_in_a_package_may_be_missing(self):
        self.failure("raise ImportError", "package.module:app")
        self.assertIn(os.path.join("package", "module.py"), reloading.reporter.more)


if __name__ == "__main__":
    unittest.main()
