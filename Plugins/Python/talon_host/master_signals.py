"""Signals that a terminal or a service manager may send to every process at once, and that are the master's to act on: it
ends its helpers by closing their socket."""

import signal

NUMBERS = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
)


def leave():
    """Leaves them to the master. Returns the handlers from before, by number."""
    return {number: signal.signal(number, ignored) for number in NUMBERS}


def ignored(signal_number, frame):
    """A handler, because what is ignored would be so in all that this process starts."""
