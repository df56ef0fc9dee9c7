"""What a configuration file says, as ConfigurationFile+Coding.swift reads it."""

import difflib
import os
import types

from . import places
from .coding import CONFIGURATION_MARK, Writer
from .points import OTHER_FUNCTIONS, POINTS

DEPTH_LIMIT = 60
CLASSES = frozenset(["worker_class", "logger_class"])
# How much of a name must be that of a hook to be taken for one.
CLOSE = 0.8


def encode(module, before):
    """`before` is the environment from before the file ran."""
    path = getattr(module, "__file__", None) or ""
    writer = Writer()
    writer.text(CONFIGURATION_MARK)
    writer.text(os.path.abspath(path) if path else "")
    settings = entries(module, lines_of(path))
    writer.number32(len(settings))
    for name, place, value in settings:
        writer.text(name)
        writer.text(place)
        put(writer, value, 0)
    changes = changed(before, os.environ)
    writer.number32(len(changes))
    for name, value in changes:
        writer.text(name)
        writer.number32(0 if value is None else 1)
        writer.text(value or "")
    return bytes(writer.bytes)


def lines_of(path):
    try:
        with open(path, "rb") as file:
            return places.of_names(file.read())
    except OSError:
        return {}


def entries(module, lines):
    """(name, place, value) of all that may be a setting; what is none is for the settings to say."""
    file = os.path.basename(getattr(module, "__file__", None) or module.__name__)
    found = []
    for name, value in vars(module).items():
        # Which file it is, it does not say itself.
        if name.startswith("_") or name == "config" or isinstance(value, types.ModuleType):
            continue
        if callable(value) and not is_wanted(name, value, module):
            continue
        place = "%s:%d" % (file, lines[name]) if name in lines else file
        found.append((name, place, value))
    return found


def is_wanted(name, value, module):
    """Not what was imported, or helps. But a function of the file may be a hook with a slip in its name."""
    if name in POINTS or name in OTHER_FUNCTIONS or name in CLASSES:
        return True
    if not isinstance(value, types.FunctionType) or value.__module__ != module.__name__:
        return False
    is_hook = any(getattr(module, hook, None) is value for hook in POINTS)
    return not is_hook and bool(difflib.get_close_matches(name, POINTS, 1, CLOSE))


def put(writer, value, depth):
    if depth > DEPTH_LIMIT:
        raise ValueError("a value is nested too deeply")
    if value is None:
        writer.number32(0)
    elif isinstance(value, bool):
        writer.number32(1)
        writer.number32(value)
    elif isinstance(value, int) and -(2**63) <= value < 2**63:
        writer.number32(2)
        writer.number64(int(value))
    elif isinstance(value, float):
        writer.number32(3)
        writer.real(value)
    elif isinstance(value, (list, tuple, set, frozenset)):
        writer.number32(5)
        writer.number32(len(value))
        for item in value:
            put(writer, item, depth + 1)
    elif isinstance(value, dict):
        writer.number32(6)
        writer.number32(len(value))
        for key, item in value.items():
            writer.text(str(key))
            put(writer, item, depth + 1)
    else:
        writer.number32(4)
        writer.text(text_of(value))


def text_of(value):
    if isinstance(value, str):
        return value
    if isinstance(value, (bytes, os.PathLike)):
        return os.fsdecode(value)
    if callable(value) and hasattr(value, "__qualname__"):
        return "%s.%s" % (value.__module__, value.__qualname__)
    return str(value)


def changed(before, after):
    """(name, value) of the variables that are others now; None: removed."""
    changes = [(name, value) for name, value in after.items() if before.get(name) != value]
    return changes + [(name, None) for name in before if name not in after]
