"""Kills the only worker again and again, and measures how soon the master knows and how soon another answers."""

import argparse
import http.client
import os
import signal
import statistics
import subprocess
import sys
import time

import processes
import servers

DETECTED_MS = 10
ACCEPTING_MS = 100
WAIT_SECONDS = 30


def wait_for(running, what, condition):
    started = time.monotonic()
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() - started > WAIT_SECONDS:
            running.fail(f"not within {WAIT_SECONDS} s: {what}")
        time.sleep(0.0005)


def answer(port):
    try:
        return servers.get(port, "/")
    except (OSError, http.client.HTTPException):
        return None


def kill_once(running):
    """Milliseconds from the KILL until the replacement's process is there, and until a request is answered."""
    master = running.process.pid
    inode = processes.listener(running.port)
    before = processes.children(master)
    worker = next(pid for pid in before if inode in processes.sockets(pid))
    started = time.monotonic()
    os.kill(worker, signal.SIGKILL)
    wait_for(running, "another worker", lambda: processes.children(master) - before)
    detected = time.monotonic()
    wait_for(running, "an answer", lambda: answer(running.port))
    return (detected - started) * 1000, (time.monotonic() - started) * 1000


def import_ms():
    """What the interpreter needs to start and to import the application; the median."""
    times = []
    for _ in range(10):
        started = time.monotonic()
        subprocess.run([sys.executable, "-c", "import hello"], cwd=servers.APPS, check=True)
        times.append((time.monotonic() - started) * 1000)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talon", required=True)
    parser.add_argument("--kills", type=int, default=30)
    options = parser.parse_args()
    command = [
        *(os.path.abspath(options.talon), "-w", "1", "-b", "127.0.0.1:{port}", "--chdir", servers.APPS),
        *("--python", sys.executable, "hello:app"),
    ]
    with servers.Running(servers.Server("talon", command)) as running:
        results = [kill_once(running) for _ in range(options.kills)]
        running.check()
    detected = statistics.median(result[0] for result in results)
    accepting = statistics.median(result[1] for result in results)
    own = import_ms()
    print(f"death to the replacement's process: median {detected:.1f} ms (asked: at most {DETECTED_MS})")
    print(
        f"death to the first answer: median {accepting:.0f} ms, of which python and the application "
        f"{own:.0f}: {accepting - own:.0f} ms beside it (asked: at most {ACCEPTING_MS})"
    )
    return 0 if detected <= DETECTED_MS and accepting - own <= ACCEPTING_MS else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.Failure as failure:
        sys.exit(str(failure))
