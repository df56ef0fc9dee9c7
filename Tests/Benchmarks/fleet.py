"""What a fleet costs: N simulated instances in a real Redis, one fleet exporter on one core, and each sample of its page
beside what was put in. Exits 1 where one differs, or the limits of docs/fleet.md are passed."""

import argparse
import contextlib
import os
import re
import socket
import statistics
import struct
import subprocess
import time
import urllib.request

import redis_server
import servers
from processes import cpu_ns, field_kib

SERIES_OF_HISTOGRAM = 11  # 9 buckets, sum and count
ENCODINGS = ("identity", "gzip", "zstd")
INTERVAL = 30  # seconds between two turns of forwarding
SINCE = 1.7e9  # when all instances began to count
BOUNDS = [0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, float("inf")]


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def delimited(field, body):
    return varint(field << 3 | 2) + varint(len(body)) + body


def real(field, value):
    return varint(field << 3 | 1) + struct.pack("<d", value)


def whole(field, value):
    return varint(field << 3) + varint(value)


def label(name, value):
    return delimited(1, delimited(1, name.encode()) + delimited(2, value.encode()))


def family(name, kind, metrics):
    body = delimited(1, name.encode()) + delimited(2, b"Of the benchmark") + whole(3, kind)
    return varint(len(body + b"".join(metrics))) + body + b"".join(metrics)


def page(instance, series):
    """About so many series in the mix of a real server: a third each of counters, gauges and histograms. Each family with
    its samples: what adds up, and name, labels and value."""
    third = series // 3
    count = 0
    for position in range(max(third // 20, 1)):
        workers = 20 if third >= 20 else third
        counters = []
        gauges = []
        counted = []
        gauged = []
        for worker in range(workers):
            who = label("worker_id", f"worker_{worker}")
            counters.append(delimited(4, who + label("method", "GET") + delimited(3, real(1, instance + worker))))
            gauges.append(delimited(4, who + delimited(2, real(1, 0.5 * worker))))
            labels = {"worker_id": f"worker_{worker}"}
            counted.append((True, f"bench_{position}_requests_total", {"method": "GET", **labels}, instance + worker))
            gauged.append((False, f"bench_{position}_memory_bytes", labels, 0.5 * worker))
        yield family(f"bench_{position}_requests_total", 0, counters), counted
        yield family(f"bench_{position}_memory_bytes", 1, gauges), gauged
        count += 2 * workers
    # Totals leave out who does not tell since when it counts.
    for name, value in (("talon_counting_since", SINCE), ("talon_redis_last_success", SINCE + 3600)):
        yield family(f"{name}_timestamp_seconds", 1, [delimited(4, delimited(2, real(1, value)))]), []
    histograms = []
    observed = []
    for worker in range(max((series - count) // SERIES_OF_HISTOGRAM, 1)):
        buckets = b"".join(
            delimited(3, whole(1, instance + step) + real(2, bound)) for step, bound in enumerate(BOUNDS)
        )
        body = whole(1, instance + len(BOUNDS) - 1) + real(2, 0.25) + buckets
        histograms.append(delimited(4, label("worker_id", f"worker_{worker}") + delimited(7, body)))
        labels = {"worker_id": f"worker_{worker}"}
        observed.append((True, "bench_duration_seconds_count", labels, instance + len(BOUNDS) - 1))
        observed.append((True, "bench_duration_seconds_sum", labels, 0.25))
        for step, bound in enumerate(BOUNDS):
            le = "+Inf" if bound == float("inf") else f"{bound}"
            observed.append((True, "bench_duration_seconds_bucket", {"le": le, **labels}, instance + step))
    yield family("bench_duration_seconds", 4, histograms), observed


def key(name, labels):
    return name, tuple(sorted(labels.items()))


def command(*words):
    words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def fill(path, instances, series, adds):
    """Puts the pages into Redis. Returns the samples that a page of all is to have, and the bytes of one. `adds`: what adds
    up is added."""
    expected = {}
    size = 0
    client = subprocess.Popen(["redis-cli", "-s", path, "--pipe"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    for instance in range(instances):
        families = list(page(instance, series))
        text = b"".join(body for body, _ in families)
        size = len(text)
        name = f"shop/web-{instance:05d}"
        for adds_up, sample, labels, value in (each for _, samples in families for each in samples):
            place = key(sample, labels if adds and adds_up else {"instance": name, **labels})
            expected[place] = expected.get(place, 0) + value
        client.stdin.write(command("SET", f"gunicorn_metrics:instance:{name}", text, "EX", 600))
        client.stdin.write(command("ZADD", "gunicorn_metrics:instances", int(time.time()), name))
    client.stdin.close()
    if client.wait() != 0:
        raise SystemExit("redis-cli --pipe failed")
    return expected, size


def forward(path, redis, instances, size, turns=300):
    """Takes turns as servers do, one after the other, each on a connection of its own. Returns Redis' CPU time for one, in
    microseconds, and how many bytes it is told."""
    text = b"x" * (2 * size)  # that a page is twice as long as text was seen with real servers
    before = cpu_ns(redis.pid)
    told = 0
    for turn in range(turns):
        now = int(time.time())
        name = f"shop/web-{turn % instances:05d}"
        pipeline = b"".join([
            command("SET", "gunicorn_metricslatest", text),
            command("SET", f"gunicorn_metrics{now}", text, "EX", 90),
            command("SET", "gunicorn_metricsmetadata", b"x" * 150),
            command("SET", f"gunicorn_metrics:instance:{name}", text[:size], "EX", 600),
            command("ZADD", "gunicorn_metrics:instances", now, name),
            command("ZREMRANGEBYSCORE", "gunicorn_metrics:instances", "-inf", f"({now - 600}"),
        ])
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
            connection.sendall(pipeline)
            replies = b""
            while replies.count(b"\r\n") < 6:
                replies += connection.recv(65536)
        if b"-" in replies:
            raise SystemExit(f"Redis refused: {replies}")
        told = len(pipeline)
    return (cpu_ns(redis.pid) - before) / turns / 1000, told


def answers(url):
    try:
        return urllib.request.urlopen(url, timeout=5).status == 200
    except OSError:
        return False


def scrape(url, encoding):
    request = urllib.request.Request(url, headers={"Accept-Encoding": encoding})
    begun = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()
    return time.perf_counter() - begun, body


def samples_of(body):
    """Those that were put in, and how many there are in all. One that is there twice is a fault."""
    found = {}
    count = 0
    for line in body.decode().split("\n"):
        if not line or line[0] == "#":
            continue
        count += 1
        if line.startswith("bench_"):
            name, rest = line.split("{", 1)
            labels, value = rest.rsplit("} ", 1)
            place = key(name, dict(re.findall(r'(\w+)="([^"]*)"', labels)))
            if place in found:
                raise SystemExit(f"twice on the page: {line}")
            found[place] = float(value)
    return found, count


def measure(talon, instances, series, turns, extra):
    with redis_server.running() as (redis, path):
        expected, size = fill(path, instances, series, "--aggregate" in extra)
        report = {"page": size}
        with exporter(talon, path, extra) as (pid, base):
            for encoding in ENCODINGS:
                times = []
                for _ in range(turns):
                    before = cpu_ns(pid)
                    seconds, body = scrape(base + "/metrics", encoding)
                    times.append((seconds, (cpu_ns(pid) - before) / 1e9))
                seconds, cpu = zip(*times)
                middle = statistics.median(seconds)
                report[encoding] = (min(seconds), middle, max(seconds), statistics.median(cpu), len(body))
                if encoding == "identity":
                    found, report["samples"] = samples_of(body)
                    report["exact"] = found == expected
            report["peak"] = field_kib(f"/proc/{pid}/status", "VmHWM") / 1024
        memory = subprocess.run(
            ["redis-cli", "-s", path, "INFO", "memory"], capture_output=True, text=True, check=True).stdout
        report["redis"] = int(re.search(r"used_memory:(\d+)", memory).group(1)) / 2**20
        report["forward"] = forward(path, redis, instances, size)
        return report


@contextlib.contextmanager
def exporter(talon, path, extra):
    """One on one core; its pid, and its address."""
    port = servers.free_port()
    core = min(os.sched_getaffinity(0))
    process = subprocess.Popen(
        ["taskset", "-c", str(core), talon, "exporter", "--port", str(port), "--bind", "127.0.0.1", *extra],
        env=dict(os.environ, REDIS_ENABLED="true", REDIS_HOST=path), stderr=subprocess.DEVNULL)
    try:
        base = f"http://127.0.0.1:{port}"
        servers.wait_for("the exporter answers", lambda: answers(base + "/healthz"))
        yield process.pid, base
    finally:
        process.terminate()
        process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talon", required=True)
    parser.add_argument("--instances", type=int, nargs="*", default=[10, 100, 1000])
    parser.add_argument("--series", type=int, default=500)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    failed = False
    for instances in options.instances:
        for kind, extra in (("by instance", []), ("totals", ["--aggregate"])):
            found = measure(options.talon, instances, options.series, options.turns, extra)
            print(f"{kind}: {instances} instances, {found['samples']} samples, {found['page']} bytes each in Redis, "
                  f"which has {found['redis']:.1f} MiB; exact: {found['exact']}; peak {found['peak']:.0f} MiB")
            for encoding in ENCODINGS:
                least, middle, most, cpu, size = found[encoding]
                print(f"  {encoding:8} {least:.3f}..{middle:.3f}..{most:.3f} s, {cpu:.3f} s of CPU, "
                      f"{size / 2**20:.2f} MiB")
            cpu, told = found["forward"]
            share = instances / INTERVAL * cpu / 1e4
            print(f"  a turn tells Redis {told / 1000:.0f} kB and costs it {cpu:.0f} us of CPU: with {instances} instances "
                  f"and {INTERVAL} s, {instances / INTERVAL * told / 1e6:.2f} MB/s and {share:.2f} % of a core")
            failed |= not found["exact"]
            if instances == 1000:
                # The worst scrape counts: Prometheus gives up on that one.
                failed |= max(found[encoding][2] for encoding in ENCODINGS) > 1
                failed |= found["peak"] > 300
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
