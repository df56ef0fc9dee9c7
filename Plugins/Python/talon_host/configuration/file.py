"""Executes a configuration file, as gunicorn does: a module by the name of __config__."""

import importlib.machinery
import importlib.util
import os
import sys

MODULE = "__config__"


class NoFile(Exception):
    """There is no such file or module; a sentence."""


def load(location):
    """The module of a configuration file that is Python; None if it is a talon.yaml, or there is none. Then hooks are
    named as settings, MODULE.NAME, and are imported from where talon was started."""
    if location and not location.endswith((".yaml", ".yml")):
        return execute(location)
    offer_directory()
    return None


def offer_directory():
    directory = os.getcwd()
    if directory not in sys.path:
        sys.path.insert(0, directory)


def execute(location):
    """Runs what `location` names: PATH, `file:PATH` or `python:MODULE`. Returns the module."""
    offer_directory()
    if location.startswith("python:"):
        return execute_module(location[len("python:") :])
    path = os.path.abspath(location[len("file:") :] if location.startswith("file:") else location)
    if not os.path.exists(path):
        raise NoFile("%r doesn't exist" % path)
    # Whatever its suffix is: it was named as a configuration file.
    loader = importlib.machinery.SourceFileLoader(MODULE, path)
    # Beside the file is no place for what is compiled, which may be another user's.
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return run(importlib.util.spec_from_file_location(MODULE, path, loader=loader))
    finally:
        sys.dont_write_bytecode = written


def execute_module(name):
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise NoFile("no module named %r" % name)
    module = importlib.import_module(name)
    return module


def run(spec):
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    spec.loader.exec_module(module)
    return module
