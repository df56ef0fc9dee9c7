"""What a request notices of Redis: latency with no Redis, with one that is forwarded to each second, and with one that is
stopped in the middle (SIGSTOP), which answers nothing and lets nobody go.

The three take turns, in another order each round, and medians of their p99 are compared. Exits 1 if the one of the stopped
Redis is more than 1.05 times another's.
"""

import argparse
import re
import signal
import statistics
import sys

import peers
import redis_server
import servers
import throughput

ALLOWED = 1.05


def turns(running, fail):
    """How many turns of forwarding failed, or did not, by the server's own metrics."""
    _, page = servers.get(running.metrics_port, "/metrics")
    found = re.findall(r'^talon_redis_forwards_total\{outcome="(\w+)"\} (\S+)', page.decode(), re.MULTILINE)
    return sum(float(number) for outcome, number in found if (outcome != "ok") == fail)


def wait_for_turn(running, fail):
    before = turns(running, fail)
    what = "a turn of forwarding that fails" if fail else "a turn that does not"
    servers.wait_for(what, lambda: turns(running, fail) > before)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talon", required=True)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    made = peers.Peers(options.talon, None)
    seen = {"no Redis": [], "Redis": [], "Redis stopped": []}
    with redis_server.running() as (redis, path):
        forwards = {"REDIS_ENABLED": "true", "REDIS_HOST": path, "REDIS_FORWARD_INTERVAL": "1"}
        plain = servers.Running(made.talon("hello:app"), throughput.SERVER_CORE)
        forwarding = servers.Running(made.talon("hello:app", environment=forwards), throughput.SERVER_CORE)
        with plain, forwarding:
            for round_number in range(options.rounds + 1):
                order = list(seen)[round_number % 3:] + list(seen)[:round_number % 3]
                for name in order:
                    stops = name == "Redis stopped"
                    if stops:
                        redis.send_signal(signal.SIGSTOP)
                    if name != "no Redis":
                        wait_for_turn(forwarding, fail=stops)
                    port = plain.port if name == "no Redis" else forwarding.port
                    sample = throughput.load(port, options.seconds)
                    if stops:
                        redis.send_signal(signal.SIGCONT)
                    if sample.socket_errors:
                        raise servers.Failure(f"{name}: {sample.socket_errors} requests failed")
                    if round_number:  # the first warms up
                        seen[name].append(sample)
    medians = {}
    for name, samples in seen.items():
        medians[name] = statistics.median(sample.p99_ms for sample in samples)
        rate = statistics.median(sample.per_second for sample in samples)
        low, high = min(s.p99_ms for s in samples), max(s.p99_ms for s in samples)
        print(f"{name:14} p99 {medians[name]:.3f} ms ({low:.3f}..{high:.3f}), {rate:.0f} req/s")
    missed = False
    for name in ("no Redis", "Redis"):
        ratio = medians["Redis stopped"] / medians[name]
        missed |= ratio > ALLOWED
        print(f"stopped / {name}: {ratio:.3f} (at most {ALLOWED})  {'MISSED' if ratio > ALLOWED else 'met'}")
    return 1 if missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.Failure as failure:
        sys.exit(str(failure))
