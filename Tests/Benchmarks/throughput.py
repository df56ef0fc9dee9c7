"""Talon against gunicorn, gunicorn-prometheus-exporter, granian and bjoern: requests/s, CPU per request, memory.

One worker of each on one core, wrk on the other, 32 connections that are kept alive where the server does that, one
application that answers 13 bytes. The servers take turns, several rounds of it, and medians are compared: what else
the machine does falls on all of them.
"""

import argparse
import dataclasses
import json
import os
import re
import statistics
import subprocess
import sys

import processes
import servers

SERVER_CORE, CLIENT_CORE = 0, 1
CONNECTIONS = 32

# What the table is about: (server, measured against).
RATIOS = [
    ("talon", "gunicorn+exporter"),
    ("talon", "gunicorn"),
    ("talon", "granian"),
    ("talon", "bjoern"),
    ("talon", "talon --no-metrics"),
]


@dataclasses.dataclass
class Sample:
    """One run of one server."""

    requests_per_second: float
    worker_cpu_us: float  # CPU time of the worker, per request
    all_cpu_us: float  # CPU time of all processes of the server, per request
    rss_mib: float
    pss_mib: float
    master_dirty_mib: float
    socket_errors: int


def load(port, seconds):
    """Runs wrk; returns the number of requests, requests per second and socket errors."""
    command = ["taskset", "-c", str(CLIENT_CORE), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/"], capture_output=True, text=True, timeout=seconds + 30, check=False
    )
    total = re.search(r"(\d+) requests in", done.stdout)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if done.returncode != 0 or not total or not rate:
        raise servers.Failure(f"wrk failed, status {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    if refused:
        raise servers.Failure(f"wrk saw {refused[1]} answers other than 2xx")
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", done.stdout)
    return int(total[1]), float(rate[1]), sum(map(int, errors.groups())) if errors else 0


def measure(server, seconds):
    with servers.Running(server, SERVER_CORE) as running:
        master = running.process.pid
        try:
            load(running.port, 1)
            before = processes.cpu_of_all(master)
            total, rate, errors = load(running.port, seconds)
            after = processes.cpu_of_all(master)
        except servers.Failure as failure:
            running.fail(str(failure))
        running.check()
        running.check_metrics()
        if not total:
            running.fail("served no request")
        spent = {pid: after[pid] - before.get(pid, 0) for pid in after}
        worker = max(spent, key=spent.get)
        rss, pss = processes.memory_mib(worker)
        return Sample(
            requests_per_second=rate,
            worker_cpu_us=spent[worker] / total / 1000,
            all_cpu_us=sum(spent.values()) / total / 1000,
            rss_mib=rss,
            pss_mib=pss,
            master_dirty_mib=processes.private_dirty_mib(master),
            socket_errors=errors,
        )


def median(samples, field):
    return statistics.median(getattr(sample, field) for sample in samples)


def print_table(results):
    heads = f"{'req/s':>9} {'min..max':>15} {'CPU us/req':>11} {'all':>7} {'RSS MiB':>8} {'PSS MiB':>8} {'master dirty':>13}"
    print(f"\n{'median of rounds':20} {heads} {'socket errors':>14}")
    for name, samples in results.items():
        rates = [sample.requests_per_second for sample in samples]
        print(
            f"{name:20} {statistics.median(rates):9.0f} {f'{min(rates):.0f}..{max(rates):.0f}':>15}"
            f" {median(samples, 'worker_cpu_us'):11.2f} {median(samples, 'all_cpu_us'):7.2f}"
            f" {median(samples, 'rss_mib'):8.1f} {median(samples, 'pss_mib'):8.1f}"
            f" {median(samples, 'master_dirty_mib'):13.1f} {sum(sample.socket_errors for sample in samples):14d}"
        )


def print_ratios(results):
    print(f"\n{'ratio of medians':40} {'req/s':>7} {'CPU/req':>8} {'RSS':>6} {'PSS':>6}")
    for name, other in RATIOS:
        if name in results and other in results:
            mine, theirs = results[name], results[other]
            rate, cpu, rss, pss = (
                median(mine, field) / median(theirs, field)
                for field in ("requests_per_second", "worker_cpu_us", "rss_mib", "pss_mib")
            )
            print(f"{name + ' / ' + other:40} {rate:7.3f} {cpu:8.3f} {rss:6.2f} {pss:6.2f}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talon", required=True, help="the talon to measure")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="of one run")
    parser.add_argument("--quick", action="store_true", help="one round of 2 seconds: does it work at all?")
    parser.add_argument("--only", help="names of servers, separated by commas")
    parser.add_argument("--json", help="write every sample to this file")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 1, 2
    return options


def chosen(options):
    every = servers.catalogue(os.path.abspath(options.talon))
    names = options.only.split(",") if options.only else [server.name for server in every]
    unknown = set(names) - {server.name for server in every}
    if unknown:
        sys.exit(f"no such server: {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in every)}")
    if any(name.startswith("talon") for name in names) and not os.access(options.talon, os.X_OK):
        sys.exit(f"{options.talon} is missing: run `make build`")
    return [server for server in every if server.name in names]


def main():
    options = arguments()
    if not {SERVER_CORE, CLIENT_CORE} <= os.sched_getaffinity(0):
        sys.exit(f"cores {SERVER_CORE} and {CLIENT_CORE} are needed, one for the server and one for wrk")
    taking_part = chosen(options)
    results = {server.name: [] for server in taking_part}
    for turn in range(options.rounds):
        for server in taking_part:
            sample = measure(server, options.seconds)
            results[server.name].append(sample)
            print(f"round {turn + 1}  {server.name:20} {sample.requests_per_second:9.0f} req/s", flush=True)
    print_table(results)
    print_ratios(results)
    if options.json:
        with open(options.json, "w") as file:
            json.dump({name: [vars(sample) for sample in samples] for name, samples in results.items()}, file, indent=2)


if __name__ == "__main__":
    try:
        main()
    except servers.Failure as failure:
        sys.exit(str(failure))
