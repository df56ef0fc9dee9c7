"""Where the application is imported from."""

import os
import sys


def prepare(directory, pythonpath):
    """Works in `directory`, which is searched first, but for the comma-separated entries of `pythonpath`."""
    directory = os.path.abspath(directory or os.getcwd())
    os.chdir(directory)
    if directory not in sys.path:
        sys.path.insert(0, directory)
    for entry in pythonpath.split(",") if pythonpath else ():
        path = os.path.abspath(entry)
        if path not in sys.path:
            sys.path.insert(0, path)
