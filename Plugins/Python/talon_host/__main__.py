"""Entry point of `python3 <home>/python/talon_host [seed | evaluate LOCATION | hooks]`: puts our modules within reach only
for as long as we load them."""

import os
import sys


def load_role():
    here = os.path.dirname(os.path.abspath(__file__))
    parent = os.path.dirname(here)
    # Running a directory puts it first; there, application.py and the others would shadow the user's modules.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]
    sys.path.insert(0, parent)
    try:
        if sys.argv[1:] == ["seed"]:
            del sys.argv[1:]  # the application finds the same in every worker
            from talon_host import seed as role
        elif sys.argv[1:2] == ["evaluate"]:
            del sys.argv[1]
            from talon_host.configuration import evaluate as role
        elif sys.argv[1:] == ["hooks"]:
            del sys.argv[1:]
            from talon_host.configuration import runner as role
        else:
            from talon_host import worker as role
    finally:
        sys.path.remove(parent)
    return role


if __name__ == "__main__":
    sys.exit(load_role().main())
