"""Counts the instructions of one request, hello WSGI with kept connections and metrics, by callgrind.

The worker runs under valgrind twice, with few and with many requests; the difference is what requests cost, without
the start. Counted is what runs in Talon's own objects and in the Swift runtime that it ships, not the interpreter, the
application and libc, which are another machine's own. So the figure depends on our source and on the compilers alone,
and is the same on every run but for a few instructions of timers.

instructions.txt has the figure that is held: `--check` fails beyond 3 % over it, `--record` writes it anew. It is
renewed with a change that is worth its cost, with one that saves (so that the saving is held), and with a compiler.
"""

import argparse
import collections
import glob
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import servers

RECORD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions.txt")
OURS = ("libTalonWorker.so", "_talon.abi3.so", "libswiftCore.so")
FEW, MANY = 200, 1000
ALLOWED = 1.03
REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n"
START_SECONDS = 60  # under valgrind all is fifty times slower

# The interpreter of the worker; the others, which read configuration files, run as they are.
WRAPPER = """#!/bin/sh
case "$2" in evaluate | hooks | seed) exec {python} "$@" ;; esac
exec {valgrind} --tool=callgrind --callgrind-out-file={output} {python} "$@"
"""


def stripped(distribution, folder):
    """A copy without debug information, which valgrind cannot read as the Swift compiler writes it."""
    copy = f"{folder}/talon"
    shutil.copytree(distribution, copy, symlinks=True)
    libraries = glob.glob(f"{copy}/**/*.so", recursive=True)
    subprocess.run(["strip", "--strip-debug", *libraries], check=True)
    return f"{copy}/bin/talon"


def ask(connection, count):
    for _ in range(count):
        connection.sendall(REQUEST)
        answer = b""
        while not answer.endswith(servers.BODY):
            more = connection.recv(65536)
            if not more:
                raise servers.Failure("the worker closed the connection")
            answer += more


def connect(port):
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def profile(talon, folder, count):
    """Serves so many requests; the path of what callgrind wrote."""
    output, log, metrics = (f"{folder}/{name}{count}" for name in ("callgrind", "log", "metrics"))
    wrapper = f"{folder}/python{count}"
    with open(wrapper, "w") as file:
        file.write(WRAPPER.format(python=sys.executable, valgrind=shutil.which("valgrind"), output=output))
    os.chmod(wrapper, 0o755)
    os.mkdir(metrics)
    port = servers.free_port()
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PROMETHEUS_MULTIPROC_DIR": metrics,
        "PROMETHEUS_METRICS_PORT": str(servers.free_port()),
        "PROMETHEUS_BIND_ADDRESS": "127.0.0.1",
    }
    bind = ["-w", "1", "-b", f"127.0.0.1:{port}", "--timeout", "0"]
    command = [talon, *bind, "--chdir", servers.APPS, "--python", wrapper, "hello:app"]
    with open(log, "wb") as file:
        master = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment)
    try:
        with connect(port) as connection:
            ask(connection, count)
    except (OSError, servers.Failure) as error:
        with open(log, errors="replace") as file:
            raise servers.Failure(f"{error}; the log of the server:\n{file.read()[-4000:]}") from error
    finally:
        master.terminate()
        master.wait()
    return output


def instructions(path):
    """By object file: what ran in it, not in what it called."""
    names, totals = {}, collections.Counter()
    current, is_call = "", False
    with open(path) as file:
        for line in file:
            named = re.match(r"(c?)ob=\((\d+)\)(?: (.*))?", line)
            if named:
                if named[3]:
                    names[named[2]] = os.path.basename(named[3].strip())
                if not named[1]:
                    current = names[named[2]]
            elif line.startswith("calls="):
                is_call = True  # the next line has what the call cost, which stands with the called one, too
            elif re.match(r"[-+*\d]", line):
                if not is_call:
                    totals[current] += int(line.split()[1])
                is_call = False
    return totals


def measure(talon):
    if not shutil.which("valgrind"):
        raise servers.Failure("valgrind is not there: apt-get install valgrind")
    with tempfile.TemporaryDirectory(prefix="talon-instructions-") as folder:
        program = stripped(os.path.dirname(os.path.dirname(os.path.realpath(talon))), folder)
        few, many = (instructions(profile(program, folder, count)) for count in (FEW, MANY))
    return {name: (many[name] - few[name]) / (MANY - FEW) for name in many}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talon", required=True, help="the talon to measure")
    parser.add_argument("--check", action="store_true", help="fail if it is more than 3 % over the record")
    parser.add_argument("--record", action="store_true", help="write the record anew")
    options = parser.parse_args()
    each = measure(options.talon)
    print("instructions per request, hello WSGI")
    for name in sorted(each, key=each.get, reverse=True):
        if each[name] >= 1:
            print(f"{each[name]:10.0f}  {name}{'  *' if name in OURS else ''}")
    own = sum(each.get(name, 0) for name in OURS)
    print(f"{sum(each.values()):10.0f}  in all\n{own:10.0f}  * Talon's own")
    if options.record:
        with open(RECORD, "w") as file:
            file.write(f"{own:.0f}\n")
    if options.check:
        with open(RECORD) as file:
            held = int(file.read())
        if own > held * ALLOWED:
            sys.exit(f"Talon's own instructions per request have grown from {held} to {own:.0f}; see instructions.py")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.Failure as failure:
        sys.exit(str(failure))
