"""Sends random streams of requests to a Talon that runs echo.py, and compares what it accepted with h11's reading.

usage: differential.py --port PORT [--cases N] [--seed N]
"""

import argparse
import base64
import collections
import json
import random
import socket
import sys

import streams
from strict import Refused, next_request


def exchange(port, data, choose):
    """All that the server answers to these bytes, sent in up to three pieces; and whether a reset may have cut it.

    That happens when bytes arrive after a request that asked for the end of the connection.
    """
    cuts = sorted(choose.randrange(len(data)) for _ in range(choose.choice([0, 0, 0, 2])))
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for start, end in zip([0, *cuts], [*cuts, len(data)]):
                connection.sendall(data[start:end])
            connection.shutdown(socket.SHUT_WR)
            while block := connection.recv(65536):
                answer += block
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            return answer, True
    return answer, False


def responses(answer):
    """Status, fields and kept or not of each final response; their bodies are empty but for that of a refusal."""
    found = []
    while answer:
        head, end, answer = answer.partition(b"\r\n\r\n")
        if not end:
            break
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        if status == 100:
            continue
        found.append((status, fields))
        if status != 200:
            break
    return found


def compare(data, answers, was_reset, counts):
    """What Talon accepted must be what h11 reads there; a text says what is not."""
    rest = data
    for index, (status, fields) in enumerate(answers):
        notes = set()
        try:
            expected, kept, rest = next_request(rest, notes)
        except Refused as refused:
            counts["refused by both" if status != 200 else "accepted by Talon only"] += 1
            return None if status != 200 else f"request {index}: h11 says {refused}"
        if status != 200:
            counts["refused by Talon only"] += 1
            return None if 400 <= status < 600 else f"request {index}: status {status}"
        counts["accepted by both"] += 1
        counts.update("difference " + note for note in notes)
        seen = json.loads(base64.b64decode(fields["x-seen"]))
        if "TRANSFER_ENCODING" in seen["fields"]:
            seen["fields"]["TRANSFER_ENCODING"] = seen["fields"]["TRANSFER_ENCODING"].lower()
        if seen != expected:
            return f"request {index}: {seen} instead of {expected}"
        if kept != (fields["connection"] == "keep-alive"):
            return f"request {index}: h11 keeps the connection: {kept}, Talon: {fields['connection']}"
        if not kept:
            return None if index == len(answers) - 1 else f"an answer after the last request, {index}"
    if was_reset:
        counts["cut by a reset"] += 1
        return None
    try:
        next_request(rest, set())
    except Refused:
        return None
    return f"no answer to request {len(answers)}, which h11 reads"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts, failures = collections.Counter(), 0
    for case in range(options.seed, options.seed + options.cases):
        choose = random.Random(case)
        data = streams.stream(choose)
        answer, was_reset = exchange(options.port, data, choose)
        wrong = compare(data, responses(answer), was_reset, counts)
        if wrong:
            failures += 1
            print(f"seed {case}: {wrong}\n  sent: {data!r}\n  answered: {answer[:2000]!r}", file=sys.stderr)
            if failures == 10:
                break
    for name, count in sorted(counts.items()):
        print(f"{count:9} {name}")
    print(f"{options.cases:9} streams, {failures} of which Talon frames otherwise than h11")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
