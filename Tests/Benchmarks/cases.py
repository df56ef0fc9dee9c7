"""What is measured: the application, the load, who serves it, and what Talon is asked to reach."""

import dataclasses

IDEAL = "the ideal"


@dataclasses.dataclass(frozen=True)
class Target:
    """Talon's figure divided by another's: at least so much of requests/s, or at most so much of a latency."""

    other: str
    ratio: float
    field: str = "requests_per_second"

    def is_met(self, ratio):
        return ratio >= self.ratio if self.field == "requests_per_second" else ratio <= self.ratio

    def __str__(self):
        return f"{'>=' if self.field == 'requests_per_second' else '<='} {self.ratio}"


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    about: str
    servers: list  # functions that make a Server of Peers
    targets: list
    new_connections: bool = False
    crowd: int = 0  # so many clients ask at the same moment, once; 0: wrk's 32 connections
    ideal: float = 0  # requests per second, if there is a bound to compare with


HELLO, FLASK, SLOW, SLEEPING = "hello:app", "flask_hello:app", "slow:app", "sleeping:app"
THREADS = ["-k", "gthread", "--threads", "4"]

CASES = [
    Case(
        "hello",
        "hello WSGI, sync, kept connections",
        [
            lambda peers: peers.talon(HELLO, more=["-k", "sync"]),
            lambda peers: peers.talon_without_metrics(HELLO),
            lambda peers: peers.bjoern(HELLO),
            lambda peers: peers.granian(HELLO),
            lambda peers: peers.gunicorn_with_exporter(HELLO),
            lambda peers: peers.gunicorn(HELLO),
        ],
        [
            Target("granian", 1.5),
            Target("bjoern", 1.0),
            Target("gunicorn+exporter", 20),
            Target("granian", 1.0, "p99_ms"),
        ],
    ),
    Case(
        "flask",
        "hello by Flask, sync, kept connections",
        [
            lambda peers: peers.talon(FLASK, more=["-k", "sync"]),
            lambda peers: peers.bjoern(FLASK),
            lambda peers: peers.granian(FLASK),
            lambda peers: peers.gunicorn_with_exporter(FLASK),
        ],
        [Target("bjoern", 1.0), Target("granian", 1.1), Target("gunicorn+exporter", 5)],
    ),
    Case(
        "native",
        "native C hello (Plugins/Examples/hello-app-c), kept connections",
        [lambda peers: peers.talon_native(), lambda peers: peers.nginx()],
        [Target("nginx", 0.9)],
    ),
    Case(
        "gthread",
        "4 threads, an application that sleeps 5 ms",
        [lambda peers: peers.talon(SLOW, more=THREADS), lambda peers: peers.gunicorn(SLOW, THREADS)],
        [Target(IDEAL, 0.95)],
        ideal=800,
    ),
    Case(
        "gevent",
        "1,000 clients at the same moment, an application that sleeps 1 s; requests/s until the last is answered",
        [
            lambda peers: peers.talon(SLEEPING, more=["-k", "gevent"]),
            lambda peers: peers.talon(SLEEPING, "talon eventlet", ["-k", "eventlet"]),
            lambda peers: peers.gunicorn(SLEEPING, ["-k", "gevent"]),
        ],
        [Target(IDEAL, 0.77)],  # all of them within 1.3 s
        crowd=1000,
        ideal=1000,
    ),
    Case(
        "connections",
        "hello WSGI, sync, a new connection for each request",
        [lambda peers: peers.talon(HELLO, more=["-k", "sync"]), lambda peers: peers.gunicorn(HELLO)],
        [Target("gunicorn", 2)],
        new_connections=True,
    ),
]
