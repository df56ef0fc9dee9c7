"""wsgi.errors: whole lines to the error log."""

import io
import threading


class ErrorStream(io.TextIOBase):
    encoding = "utf-8"
    errors = "backslashreplace"
    line_limit = 8192  # a longer piece of a line is not held back

    def __init__(self, write_bytes):
        self._write_bytes = write_bytes
        self._pending = ""
        # Re-entrant: a signal handler that logs may run while its thread is in here.
        self._lock = threading.RLock()

    def writable(self):
        return True

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not %s" % type(text).__name__)
        with self._lock:
            self._pending += text
            end = self._pending.rfind("\n") + 1
            if end == 0 and len(self._pending) > self.line_limit:
                end = len(self._pending)
            self._send(end)
        return len(text)

    def flush(self):
        with self._lock:
            self._send(len(self._pending))

    def close(self):
        """The stream belongs to the server and outlives every request (PEP 3333)."""
        self.flush()

    def _send(self, end):
        ready, self._pending = self._pending[:end], self._pending[end:]
        if ready:
            self._write_bytes(ready.encode(self.encoding, self.errors))
