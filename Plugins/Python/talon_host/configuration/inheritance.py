"""What the master leaves to a hook runner: as Inheritance.swift writes it."""

import os

from .coding import Reader, Truncated

MARK = "talon inheritance 1"
FACTS = 3
SOCKET = 7


def received():
    """The settings as texts, by name."""
    reader = Reader(contents(FACTS))
    if reader.text() != MARK:
        raise Truncated()
    reader.number32()  # the master's pid
    home = reader.text()
    application = reader.text()
    for _ in range(3):
        reader.number64()
    for _ in range(reader.number32()):
        reader.text()
    settings = {}
    for _ in range(reader.number32()):
        name = reader.text()
        settings[name] = reader.text()
    settings["talon.home"] = home
    settings["wsgi_app"] = application
    return settings


def contents(descriptor):
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size, 0)
