"""Talon's own gunicorn_prometheus_exporter: found before any other of that name, wherever that may lie."""

import os
import sys

NAMES = ("gunicorn_prometheus_exporter",)
FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "modules")


class Finder:
    """On sys.meta_path instead of a folder on sys.path, before which an application puts its own."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if path is not None or name not in NAMES:
            return None
        folder = os.path.join(FOLDER, name)
        file = os.path.join(folder, "__init__.py")
        if not os.path.isfile(file):
            return None
        # Not at the start of every worker: most applications never come here.
        import importlib.util

        return importlib.util.spec_from_file_location(name, file, submodule_search_locations=[folder])


def offer():
    if Finder not in sys.meta_path:
        sys.meta_path.insert(0, Finder)
