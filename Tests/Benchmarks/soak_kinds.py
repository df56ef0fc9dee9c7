"""Puts a mixed load on a kind of worker: kept, closed and old connections, slow clients, uploads, errors, clients that
leave in the middle.

Exit 1 when an answer was wrong, a request was not counted exactly once, the metrics port did not answer, or the workers
grew: in memory from a third of the time to the end, in descriptors from the start to after the load.
"""

import argparse
import os
import sys
import time

import processes
import servers
import soak_kinds_load
import soak_server

APPLICATIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "ApplicationTests", "Apps")
KINDS = {
    "sync": ("kinds_wsgi:app", []),
    "gthread": ("kinds_wsgi:app", ["--threads", "4"]),
    "gevent": ("kinds_wsgi:app", ["-k", "gevent"]),
    "eventlet": ("kinds_wsgi:app", ["-k", "eventlet"]),
    "tornado-wsgi": ("kinds_wsgi:app", ["-k", "tornado"]),
    "tornado": ("kinds_tornado:app", ["-k", "tornado"]),
    "asgi": ("kinds_asgi:app", ["-k", "asgi", "--asgi-loop", "asyncio"]),
    "asgi-uvloop": ("kinds_asgi:app", ["-k", "asgi", "--asgi-loop", "uvloop"]),
}
WORKERS = 2
# Of all workers together, after a third of the time: allocators keep some of what they had at their peak.
GROWTH_MIB = 6
GROWTH_SHARE = 0.05


def counts(server):
    """Requests by method and status, and those of the exporter's family."""
    page = servers.get(server.metrics_port, "/metrics")[1].decode()
    found, total = {}, 0
    for line in page.splitlines():
        if line.startswith("talon_http_requests_total{"):
            labels, value = line[line.index("{") + 1 :].rsplit("} ", 1)
            fields = dict(part.split("=", 1) for part in labels.replace('"', "").split(","))
            key = fields["method"], fields["status"]
            found[key] = found.get(key, 0) + int(float(value))
        elif line.startswith("gunicorn_worker_requests_total{"):
            total += int(float(line.rsplit(" ", 1)[1]))
    return found, total


def settled(server):
    last = None
    while last != (last := counts(server)):
        time.sleep(0.3)
    return last


def memory(server):
    return sum(processes.memory_mib(pid)[0] for pid in server.serving())


def descriptors(server):
    return {pid: len(os.listdir(f"/proc/{pid}/fd")) for pid in server.serving()}


def compare(outcome, before, after):
    """What was answered and what was counted, where they differ."""
    wrong = []
    for key in sorted(set(after[0]) | set(outcome.answered)):
        rise = after[0].get(key, 0) - before[0].get(key, 0)
        if key[0] in soak_kinds_load.LEAVING:
            continue
        if rise != outcome.answered.get(key, 0):
            wrong.append(f"{key[0]} {key[1]}: {outcome.answered.get(key, 0)} answered, {rise} counted")
    for method, exact in soak_kinds_load.LEAVING.items():
        rise = sum(value - before[0].get(key, 0) for key, value in after[0].items() if key[0] == method)
        left = outcome.left.get(method, 0)
        if rise > left or (exact and rise != left):
            wrong.append(f"{method}: {left} left in the middle, {rise} counted")
    refused = after[0].get(("UNKNOWN", "400"), 0) - before[0].get(("UNKNOWN", "400"), 0)
    rise = sum(after[0].values()) - sum(before[0].values()) - refused
    if after[1] - before[1] != rise:
        wrong.append(f"gunicorn_worker_requests_total rose by {after[1] - before[1]}, talon_http_requests_total by {rise}")
    return wrong


def soak(options, kind):
    application, arguments = KINDS[kind]
    seconds = options.minutes * 60
    print(f"{kind}: {seconds:.0f} s, {WORKERS} workers", flush=True)
    arguments = [*arguments, "--keep-alive", "5", "--error-logfile", options.log] if options.log else arguments
    with soak_server.SoakServer(options.talon, WORKERS, None, arguments, application, APPLICATIONS) as server:
        workers = server.serving()
        warm = soak_kinds_load.Load(server.port, server.metrics_port)
        warm.start()
        time.sleep(min(5, seconds / 6))
        failed = warm.stop().failed
        before, open_before = settled(server), descriptors(server)
        load = soak_kinds_load.Load(server.port, server.metrics_port)
        load.start()
        began = time.monotonic()
        time.sleep(seconds / 3)
        third = memory(server)
        time.sleep(max(0.0, began + seconds - time.monotonic()))
        end = memory(server)
        outcome = load.stop()
        taken = time.monotonic() - began
        after = settled(server)
        wrong = compare(outcome, before, after)
        try:
            soak_server.until("descriptors as at the start", lambda: descriptors(server) == open_before, seconds=15)
        except servers.Failure:
            wrong.append(f"descriptors: {open_before} before, {descriptors(server)} after")
        if end > third + GROWTH_MIB + third * GROWTH_SHARE:
            wrong.append(f"memory grew from {third:.1f} to {end:.1f} MiB")
        if server.serving() != workers:
            wrong.append(f"the workers are others: {sorted(workers)}, now {sorted(server.serving())}")
    answered = sum(outcome.answered.values())
    print(
        f"  {answered} requests answered ({answered / taken:.0f}/s), {sum(outcome.left.values())} left in the middle, "
        f"{outcome.closed_idle} connections closed while idle, {outcome.scrapes} scrapes"
    )
    print(f"  workers: {third:.1f} MiB at a third, {end:.1f} MiB at the end; descriptors {sorted(open_before.values())}")
    wrong += [f"failed: {text}" for text in (failed + outcome.failed)[:10]]
    for text in wrong:
        print(f"  {text}")
    return not wrong and answered > 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talon", required=True, help="the talon to try")
    parser.add_argument("--kind", required=True, choices=[*KINDS, "all"])
    parser.add_argument("--minutes", type=float, default=10, help="of each kind")
    parser.add_argument("--log", help="a file for the error log")
    options = parser.parse_args()
    kinds = list(KINDS) if options.kind == "all" else [options.kind]
    passed = [soak(options, kind) for kind in kinds]
    print("passed" if all(passed) else "FAILED")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.Failure as failure:
        sys.exit(str(failure))
