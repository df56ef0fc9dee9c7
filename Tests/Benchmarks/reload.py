"""Reloads a server under load and counts the requests that failed; exit 1 when any did.

A connection that the server closes while it is idle, before it has read a byte of the next request, is no failure:
HTTP/1.1 clients send such a request again. Everything else is: a refused connection, a reset or an end of stream
after the request was read, a wrong answer.
"""

import argparse
import collections
import os
import signal
import sys
import time

import client
import processes
import servers

REPLACED_SECONDS = 30


def reload_once(running, number, load):
    """Sends HUP and waits until every worker is a new one. Returns how long that took."""
    before = workers(running)
    started = time.monotonic()
    os.kill(running.process.pid, signal.SIGHUP)
    while True:
        now = workers(running)
        if not now & before and len(now) >= len(before):
            return time.monotonic() - started
        if running.process.poll() is not None:
            running.fail(f"ended at reload {number}, status {running.process.returncode}")
        if time.monotonic() - started > REPLACED_SECONDS:
            print("\n".join(load.failed[:10]), file=sys.stderr)
            running.fail(f"reload {number}: after {REPLACED_SECONDS} s there still run {sorted(now & before)} of before")
        time.sleep(0.01)


def workers(running):
    """The master's children that hold its listener: the exporter and the hook runners do not."""
    inode = processes.listener(running.port)
    return {pid for pid in processes.children(running.process.pid) if inode in processes.sockets(pid)}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talon", help="the talon to reload")
    parser.add_argument("--reloads", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between two requests of a client")
    parser.add_argument("--seconds", type=float, default=1.0, help="of load between two reloads")
    parser.add_argument("command", nargs="*", help="after --: another server's command; {port} stands for the port")
    options = parser.parse_args()
    if not options.command:
        if not options.talon or not os.access(options.talon, os.X_OK):
            sys.exit(f"{options.talon or 'talon'} is missing: run `make build`")
        options.command = [
            *(os.path.abspath(options.talon), "-w", str(options.workers), "-b", "127.0.0.1:{port}"),
            *("--chdir", servers.APPS, "--python", sys.executable, "hello:app"),
        ]
    return options


def main():
    options = arguments()
    with servers.Running(servers.Server("server", options.command)) as running:
        load = client.Load(running.port, servers.BODY, options.clients, options.pause)
        load.start()
        time.sleep(options.seconds)
        try:
            for number in range(1, options.reloads + 1):
                took = reload_once(running, number, load)
                print(f"reload {number}: workers replaced in {took:.2f} s, {len(load.failed)} failed", flush=True)
                time.sleep(options.seconds)
        finally:
            load.stop()
        running.check()
    print(f"{load.answered} requests answered, {load.closed_idle} connections closed while idle")
    print(f"{len(load.failed)} requests failed")
    for failure, count in collections.Counter(text.split(" ", 1)[1] for text in load.failed).most_common():
        print(f"  {count} x {failure}")
    return 1 if load.failed or not load.answered else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.Failure as failure:
        sys.exit(str(failure))
