"""Values as bytes, as ByteCoding.swift has them: little endian, a text is its length and its UTF-8."""

import struct

# What a configuration begins with, as ConfigurationFile+Coding.swift has it.
CONFIGURATION_MARK = "talon configuration 1"


class Truncated(Exception):
    """The bytes end too early."""


class Writer:
    def __init__(self):
        self.bytes = bytearray()

    def number32(self, number):
        self.bytes += struct.pack("<I", number & 0xFFFFFFFF)

    def number64(self, number):
        self.bytes += struct.pack("<Q", number & 0xFFFFFFFFFFFFFFFF)

    def real(self, number):
        self.bytes += struct.pack("<d", number)

    def text(self, text):
        # What came from the environment may have bytes that are no text.
        data = text.encode("utf-8", "backslashreplace")
        self.number32(len(data))
        self.bytes += data


class Reader:
    def __init__(self, data):
        self._data = bytes(data)
        self._at = 0

    def take(self, count):
        if count > len(self._data) - self._at:
            raise Truncated()
        self._at += count
        return self._data[self._at - count : self._at]

    def number32(self):
        return struct.unpack("<I", self.take(4))[0]

    def signed32(self):
        return struct.unpack("<i", self.take(4))[0]

    def number64(self):
        return struct.unpack("<Q", self.take(8))[0]

    def block(self):
        return self.take(self.number32())

    def text(self):
        return self.block().decode("utf-8", "replace")
