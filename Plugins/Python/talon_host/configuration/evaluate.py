"""The program that reads a configuration file for the master: `python3 <home>/python/talon_host evaluate LOCATION`.

Descriptor 3 is a socket for the answer: what report.py encodes, and the exit status is 0; else why there is none."""

import atexit
import os
import sys
import traceback

from .. import own_modules
from . import file, process, report

SOCKET = 3


def main():
    os.set_inheritable(SOCKET, False)
    own_modules.offer()
    process.configures()
    before = dict(os.environ)
    location = sys.argv[1]
    del sys.argv[1:]
    try:
        answer, status = report.encode(file.execute(location), before), 0
    except file.NoFile as error:
        answer, status = str(error).encode("utf-8", "backslashreplace"), 1
    except BaseException as error:
        print("Failed to read config file: %s" % location, file=sys.stderr)
        show(error)
        answer, status = summary(error).encode("utf-8", "backslashreplace"), 1
    try:
        write(answer)
        atexit._run_exitfuncs()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        # Threads that the file has started are not to hold up the start of the server.
        os._exit(status)


def show(error):
    """The traceback, from the file on."""
    trace = error.__traceback__
    while trace is not None and is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace or error.__traceback__)


def is_ours(path):
    return path.startswith(("<frozen importlib", os.path.dirname(os.path.abspath(__file__))))


def summary(error):
    return "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()[-1]


def write(data):
    while data:
        data = data[os.write(SOCKET, data) :]
