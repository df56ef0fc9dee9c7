"""Does to a server under load what operators do to it, and what they do not: reloads, upgrades, recyclings; then kills.

Exit 1 when a request failed that none of the kills explains, when the metrics port did not answer, or when the master
grew. `--quick` does a tenth of it.
"""

import argparse
import collections
import os
import sys
import time

import servers
import soak_load
import soak_server

CLIENTS = 32
# A client may learn this late that its worker was killed: it shares two cores with all others.
ATTRIBUTION_SECONDS = 2.0
# Of a new connection nobody knows the worker, only when it failed. So that a failure without a kill cannot pass for one
# with, the time after a kill that counts is short, and after it comes as much in which nothing may fail.
NEW_CONNECTION_SECONDS = 0.25
QUIET_SECONDS = 0.25


def percentile(values, share):
    values = sorted(values)
    return values[int((len(values) - 1) * share)]


def show(name, values):
    """Milliseconds of a distribution of seconds."""
    figures = ", ".join(f"p{share * 100:g} {percentile(values, share) * 1e3:.1f}" for share in (0.5, 0.9, 0.99))
    print(f"  {name}: n {len(values)}, {figures}, max {max(values) * 1e3:.1f} ms")


def report(outcome):
    print(
        f"  {outcome.answered} requests answered, {outcome.closed_idle} connections closed while idle, "
        f"{len(outcome.failed)} failed"
    )
    for text, count in collections.Counter(failure.text for failure in outcome.failed).most_common(10):
        print(f"    {count} x {text}")
    print(f"  {outcome.scrapes} scrapes answered, {len(outcome.failed_scrapes)} not: {outcome.failed_scrapes[:3]}")


def orderly(options, server):
    """Nothing of what an operator does fails a request."""
    hups, upgrades, recyclings = (2, 1, 20) if options.quick else (20, 5, 200)
    print(f"{hups} reloads, {upgrades} upgrades, {recyclings} recyclings, {CLIENTS} connections", flush=True)
    load = soak_load.Load(server.port, server.metrics_port, CLIENTS)
    load.start()
    try:
        show("reload, until all workers are new", [server.reload() for _ in range(hups)])
        show("upgrade, until the second master serves alone", [server.upgrade() for _ in range(upgrades)])
        show("recycling, until another worker serves", [server.recycle() for _ in range(recyclings)])
    finally:
        outcome = load.stop()
    report(outcome)
    return not outcome.failed and not outcome.failed_scrapes and outcome.answered > 0 and outcome.scrapes > 0


def spent(options, server):
    """Workers that have answered as many requests as they may are replaced without a failure."""
    count = 20 if options.quick else 200
    print(f"{count} recyclings by max_requests, {CLIENTS} connections", flush=True)
    load = soak_load.Load(server.port, server.metrics_port, CLIENTS)
    load.start()
    began = time.monotonic()
    try:
        soak_server.until(f"{count} recyclings", lambda: server.recyclings() >= count, pause=0.2, seconds=600)
    finally:
        outcome = load.stop()
    print(f"  one each {(time.monotonic() - began) / count * 1e3:.0f} ms")
    report(outcome)
    return not outcome.failed and not outcome.failed_scrapes


def kills(options, server):
    """What is killed takes its own requests with it, and nothing else; the master is as it was."""
    count = 100 if options.quick else 1000
    print(f"{count} kills by SIGKILL, {CLIENTS} connections", flush=True)
    load = soak_load.Load(server.port, server.metrics_port, CLIENTS)
    load.start()
    figures = []
    try:
        for number in range(count):
            # What is used first is no leak: the beginning is measured after a tenth.
            if number in (count // 10, count // 2):
                figures.append(server.figures())
            began = time.monotonic()
            server.kill_any(options.random)
            time.sleep(max(0.0, began + NEW_CONNECTION_SECONDS - time.monotonic()) + QUIET_SECONDS)
    finally:
        outcome = load.stop()
    figures.append(server.figures())
    report(outcome)
    killed = collections.Counter(kill.role for kill in server.kills)
    print("  killed: " + ", ".join(f"{number} {role}s" for role, number in killed.items()))
    for when, figure in zip(("after a tenth", "in the middle", "at the end"), figures):
        print(f"  master {when}: " + ", ".join(f"{value} {name}" for name, value in figure.items()))
    strangers = [failure for failure in outcome.failed if not explained(failure, server.kills)]
    for failure in strangers[:10]:
        print(f"  not explained: {failure}")
    print(f"  {len(outcome.failed) - len(strangers)} failures belong to a killed worker, {len(strangers)} to none")
    deaths = [kill.at for kill in server.kills if kill.role == "worker"]
    on_new = [failure for failure in outcome.failed if failure.worker is None]
    lateness = [failure.until - max((at for at in deaths if at <= failure.until), default=0.0) for failure in on_new]
    if lateness:
        show("a failure on a new connection comes after its kill", lateness)
    first, last = figures[0], figures[-1]
    grew = last["descriptors"] > first["descriptors"] or last["threads"] > 1 or last["KiB"] > first["KiB"] + 1024
    if grew:
        print("  the master grew")
    show("detection: a killed worker is reaped", [kill.reaped for kill in server.kills if kill.role == "worker"])
    return not strangers and not grew


def explained(failure, kills):
    """Its connection was of a worker that was killed, or it was new and failed just after a kill."""
    for kill in kills:
        if kill.role != "worker" or failure.until < kill.at:
            continue
        if failure.worker == kill.pid and failure.since <= kill.at + ATTRIBUTION_SECONDS:
            return True
        if failure.worker is None and failure.until <= kill.at + NEW_CONNECTION_SECONDS:
            return True
    return False


def replacement(options):
    """How long nobody serves after the only worker was killed, beside what its interpreter alone takes."""
    count = 10 if options.quick else 100
    print(f"{count} kills of the only worker, no load", flush=True)
    with soak_server.SoakServer(options.talon, workers=1, plugin=None) as server:
        measured = [server.kill_and_ask() for _ in range(count)]
    show("detection: a killed worker is reaped", [reaped for reaped, _ in measured])
    show("replacement: the next request is answered", [answered for _, answered in measured])
    show("beside: python3 starts and ends", [soak_server.interpreter_time() for _ in range(count)])
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talon", required=True, help="the talon to try")
    parser.add_argument("--plugin", help="a plugin with hooks of the master, so that there are runners to kill")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of what is killed")
    parser.add_argument("--only", choices=["orderly", "spent", "kills", "replacement"])
    options = parser.parse_args()
    options.random = soak_server.random.Random(options.seed)
    passed = True
    limit = ["--max-requests", "2000", "--max-requests-jitter", "500"]
    for name, part, more in (("orderly", orderly, []), ("spent", spent, limit), ("kills", kills, [])):
        if options.only in (None, name):
            with soak_server.SoakServer(options.talon, options.workers, options.plugin, more) as server:
                began = time.monotonic()
                passed = part(options, server) and passed
                print(f"  took {time.monotonic() - began:.0f} s", flush=True)
    if options.only in (None, "replacement"):
        passed = replacement(options) and passed
    print("passed" if passed else "FAILED")
    return 0 if passed else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.Failure as failure:
        sys.exit(str(failure))
