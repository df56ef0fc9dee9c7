"""The frames between a hook runner and the master: as HookFrame.swift has them."""

import os
import threading

from . import process
from .coding import Reader, Writer

HELLO, REFUSED, LOG, REQUEST, RESULT, CALL, ANSWER = range(1, 8)
TEXT_LIMIT = 16384


class Link(process.Host):
    """The runner's end of the socket. Any thread may log."""

    role = "runner"

    def __init__(self, descriptor, settings):
        self._descriptor = descriptor
        self._settings = settings
        self._received = b""
        self._lock = threading.Lock()
        self._thread = threading.get_ident()
        self.is_in_call = False

    def send(self, kind, *values):
        """A text, or a number of 32 bits."""
        payload = Writer()
        payload.number32(kind)
        for value in values:
            payload.text(value) if isinstance(value, str) else payload.number32(value)
        frame = Writer()
        frame.number32(len(payload.bytes))
        rest = bytes(frame.bytes + payload.bytes)
        with self._lock:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]

    def next(self):
        """(kind, reader), or None at the end."""
        while True:
            if len(self._received) >= 4:
                size = int.from_bytes(self._received[:4], "little")
                if len(self._received) >= 4 + size:
                    reader = Reader(self._received[4 : 4 + size])
                    self._received = self._received[4 + size :]
                    return reader.number32(), reader
            data = os.read(self._descriptor, 65536)
            if not data:
                return None
            self._received += data

    def log(self, severity, message):
        for line in message.splitlines() or [""]:
            self.send(LOG, severity, line[:TEXT_LIMIT])

    def setting(self, name):
        return self._settings.get(name)

    def settings(self):
        return self._settings

    def request(self, kind, name="", value=""):
        # The master sends nothing else while a call runs, so the next frame is its answer.
        if not self.is_in_call or threading.get_ident() != self._thread:
            return process.REFUSED
        self.send(REQUEST, kind, name, value)
        frame = self.next()
        return frame[1].signed32() if frame and frame[0] == ANSWER else process.REFUSED
