"""Entry point of `python3 <home>/python/talon_host`: puts our modules within reach only for as long as we load them."""

import os
import sys


def load_worker():
    here = os.path.dirname(os.path.abspath(__file__))
    parent = os.path.dirname(here)
    # Running a directory puts it first; there, application.py and the others would shadow the user's modules.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]
    sys.path.insert(0, parent)
    try:
        from talon_host import worker
    finally:
        sys.path.remove(parent)
    return worker


if __name__ == "__main__":
    sys.exit(load_worker().main())
