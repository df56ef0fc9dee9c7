"""Development: tells the master of which files the application is made, and serves a page while it cannot be loaded."""

import os
import sys
import threading
import time
import traceback

import _talon

INTERVAL = 1.0
LONGEST = 4096  # PIPE_BUF: what is written at once does not mix with another worker's


def start():
    """Once, when the application is loaded, or its page. Modules may be imported at any time, so a thread looks again
    and again."""
    notes = _talon.setting("talon.notes")
    if notes is None:
        return
    reporter.descriptor = int(notes)
    os.set_inheritable(reporter.descriptor, False)
    # Now, so that no change is missed once the worker serves.
    reporter.tell(module_files() | reporter.more)
    threading.Thread(target=reporter.run, name="talon-reload", daemon=True).start()


class Reporter:
    def __init__(self):
        self.descriptor = -1
        self.told = set()
        self.more = set()

    def run(self):
        while True:
            time.sleep(INTERVAL)
            try:
                self.tell(module_files() | self.more)
            except OSError:  # the application has closed it
                return

    def tell(self, files):
        for file in files - self.told:
            self.told.add(file)
            note = os.fsencode(os.path.abspath(file)) + b"\0"
            if len(note) <= LONGEST:
                os.write(self.descriptor, note)


reporter = Reporter()


def module_files():
    files = set()
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str):
            files.add(file[:-1] if file.endswith((".pyc", ".pyo")) else file)
    return files


def failed(error, address):
    """The application that says why there is none. The files that are at fault are watched, too: what could not be
    imported is no module."""
    files = {frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)}
    if isinstance(error, SyntaxError) and error.filename:
        files.add(error.filename)
    # The module itself may be what is missing.
    files.add(os.path.join(*address.partition(":")[0].split(".")) + ".py")
    reporter.more |= {file for file in files if not file.startswith("<")}
    return failure_page("".join(traceback.format_exception(type(error), error, error.__traceback__)))


def failure_page(text):
    import html

    page = PAGE % html.escape(text)
    body = page.encode("utf-8", "backslashreplace")

    def application(environ, start_response):
        fields = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        start_response("500 Internal Server Error", fields)
        return [body]

    return application


PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>The application cannot be loaded</title></head>
<body>
<h1>The application cannot be loaded</h1>
<p>It is tried again when one of its files changes.</p>
<pre>%s</pre>
</body>
</html>
"""
