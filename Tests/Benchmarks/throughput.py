"""Talon against gunicorn with and without gunicorn-prometheus-exporter, granian, bjoern and nginx: requests/s, CPU per
request, latency, memory.

One worker of each on one core, wrk on the other, 32 connections (or a crowd of clients that ask once); the cases are
in cases.py. The servers of a case take
turns, several rounds of it, and medians are compared: what else the machine does falls on all of them. CPU time per
request is the steadier figure on a machine that is shared.
"""

import argparse
import dataclasses
import json
import os
import re
import statistics
import subprocess
import sys

import cases
import crowd
import peers
import processes
import servers

SERVER_CORE, CLIENT_CORE = 0, 1
CONNECTIONS = 32


@dataclasses.dataclass
class Sample:
    """One run of one server."""

    requests_per_second: float
    p99_ms: float
    worker_cpu_us: float  # CPU time of the worker, per request
    all_cpu_us: float  # CPU time of all processes of the server, per request
    rss_mib: float
    pss_mib: float
    master_dirty_mib: float
    socket_errors: int


@dataclasses.dataclass
class Load:
    """What wrk says."""

    requests: int
    per_second: float
    p99_ms: float
    socket_errors: int


def load(port, seconds, new_connections=False):
    command = ["taskset", "-c", str(CLIENT_CORE), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    if new_connections:
        command += ["-H", "Connection: close"]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/"], capture_output=True, text=True, timeout=seconds + 30, check=False
    )
    total = re.search(r"(\d+) requests in", done.stdout)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.stdout)
    if done.returncode != 0 or not total or not rate or not p99:
        raise servers.Failure(f"wrk failed, status {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    if refused:
        raise servers.Failure(f"wrk saw {refused[1]} answers other than 2xx")
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", done.stdout)
    milliseconds = float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]]
    return Load(int(total[1]), float(rate[1]), milliseconds, sum(map(int, errors.groups())) if errors else 0)


def load_of(case, port, seconds):
    if not case.crowd:
        return load(port, seconds, case.new_connections)
    waits = crowd.ask_at_once(port, case.crowd, servers.BODY, CLIENT_CORE)
    return Load(len(waits), len(waits) / waits[-1], waits[len(waits) * 99 // 100] * 1000, 0)


def measure(case, server, seconds):
    with servers.Running(server, SERVER_CORE) as running:
        master = running.process.pid
        try:
            load_of(case, running.port, 1)
            before = processes.cpu_of_all(master)
            seen = load_of(case, running.port, seconds)
            after = processes.cpu_of_all(master)
        except servers.Failure as failure:
            running.fail(str(failure))
        running.check()
        running.check_metrics()
        if not seen.requests:
            running.fail("served no request")
        spent = {pid: after[pid] - before.get(pid, 0) for pid in after}
        worker = max(spent, key=spent.get)
        rss, pss = processes.memory_mib(worker)
        return Sample(
            requests_per_second=seen.per_second,
            p99_ms=seen.p99_ms,
            worker_cpu_us=spent[worker] / seen.requests / 1000,
            all_cpu_us=sum(spent.values()) / seen.requests / 1000,
            rss_mib=rss,
            pss_mib=pss,
            master_dirty_mib=processes.private_dirty_mib(master),
            socket_errors=seen.socket_errors,
        )


def median(samples, field):
    return statistics.median(getattr(sample, field) for sample in samples)


def print_table(case, results):
    columns = f"{'req/s':>9} {'min..max':>15} {'CPU us/req':>11} {'all':>7} {'p99 ms':>7}"
    memory = f"{'RSS MiB':>8} {'PSS MiB':>8} {'master dirty':>13} {'socket errors':>14}"
    print(f"\n{case.name}: {case.about}\n{'median of rounds':20} {columns} {memory}")
    for name, samples in results.items():
        rates = [sample.requests_per_second for sample in samples]
        print(
            f"{name:20} {statistics.median(rates):9.0f} {f'{min(rates):.0f}..{max(rates):.0f}':>15}"
            f" {median(samples, 'worker_cpu_us'):11.2f} {median(samples, 'all_cpu_us'):7.2f}"
            f" {median(samples, 'p99_ms'):7.2f} {median(samples, 'rss_mib'):8.1f} {median(samples, 'pss_mib'):8.1f}"
            f" {median(samples, 'master_dirty_mib'):13.1f} {sum(sample.socket_errors for sample in samples):14d}"
        )


def print_targets(case, results):
    """What is asked, as measured; the ratio of CPU per request beside it, the other way up, so that more is better."""
    if "talon" not in results:
        return
    mine = results["talon"]
    for target in case.targets:
        asked = f"  talon / {target.other}, {'p99' if target.field == 'p99_ms' else 'req/s'} {target}"
        if target.other == cases.IDEAL:
            ratio, cpu = median(mine, target.field) / case.ideal, ""
        elif target.other not in results:
            print(f"{asked:50} not measured")
            continue
        else:
            theirs = results[target.other]
            ratio = median(mine, target.field) / median(theirs, target.field)
            cpu = f"   by CPU {median(theirs, 'all_cpu_us') / median(mine, 'all_cpu_us'):.2f}"
        print(f"{asked:50} {ratio:7.2f}  {'met   ' if target.is_met(ratio) else 'MISSED'}{cpu}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talon", required=True, help="the talon to measure")
    parser.add_argument("--native", help="the native application, libhello.so")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of one run")
    parser.add_argument("--quick", action="store_true", help="one round of 2 seconds: does it work at all?")
    names = [case.name for case in cases.CASES]
    parser.add_argument("--case", action="append", choices=names, help="only this case; may be repeated")
    parser.add_argument("--only", help="names of servers, separated by commas")
    parser.add_argument("--json", help="write every sample to this file")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 1, 2
    if not os.access(options.talon, os.X_OK):
        sys.exit(f"{options.talon} is missing: run `make build`")
    return options


def taking_part(case, makers, only):
    """Its servers that are here; says who is not."""
    found = []
    for make in case.servers:
        try:
            found.append(make(makers))
        except servers.Failure as failure:
            print(f"{case.name}: left out: {failure}", flush=True)
    return [server for server in found if not only or server.name in only]


def run(case, makers, options):
    here = taking_part(case, makers, options.only.split(",") if options.only else [])
    results = {server.name: [] for server in here}
    for turn in range(options.rounds):
        for server in here:
            sample = measure(case, server, options.seconds)
            results[server.name].append(sample)
            print(f"{case.name}, round {turn + 1}  {server.name:20} {sample.requests_per_second:9.0f} req/s", flush=True)
    return results


def main():
    options = arguments()
    if not {SERVER_CORE, CLIENT_CORE} <= os.sched_getaffinity(0):
        sys.exit(f"cores {SERVER_CORE} and {CLIENT_CORE} are needed, one for the server and one for wrk")
    makers = peers.Peers(os.path.abspath(options.talon), options.native)
    chosen = [case for case in cases.CASES if not options.case or case.name in options.case]
    measured = [(case, run(case, makers, options)) for case in chosen]
    for case, results in measured:
        print_table(case, results)
        print_targets(case, results)
    if options.json:
        samples = {
            case.name: {name: [vars(sample) for sample in some] for name, some in results.items()}
            for case, results in measured
        }
        with open(options.json, "w") as file:
            json.dump(samples, file, indent=2)


if __name__ == "__main__":
    try:
        main()
    except servers.Failure as failure:
        sys.exit(str(failure))
