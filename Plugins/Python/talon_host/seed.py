"""The life of a seed: load the application once, then fork a worker each time that the master wants one."""

import gc
import os
import signal

import _talon

from . import metrics, prometheus, worker

# A terminal or a service manager may signal every process at once; the master ends its seed by closing the socket.
LEFT_TO_MASTER = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
)


def main():
    # The master's answer to a load that takes too long.
    signal.signal(signal.SIGABRT, worker.abort)
    before = {number: signal.signal(number, leave_to_master) for number in LEFT_TO_MASTER}
    status = _talon.seed_boot()
    if status != 0:
        return status
    try:
        application = worker.load(prometheus.seed_identifier, "seed")
    except BaseException as error:
        return worker.boot_failed(error, "seed")
    metrics.leave_seed()
    # What is garbage now would be collected in each worker, and collecting writes to all that it looks at.
    gc.collect()
    gc.freeze()
    _talon.seed_loaded()
    while _talon.seed_wait():
        if _talon.seed_fork():
            become_worker(before)
            return worker.main(application)
    return 0


def leave_to_master(signal_number, frame):
    """A handler, because what is ignored would be so in all that the application starts."""


def become_worker(handlers):
    """Before the master knows of this process, so that it hears the first signal that is meant for it."""
    for number, handler in handlers.items():
        if signal.getsignal(number) is leave_to_master:  # else it is the application's own
            signal.signal(number, handler)
    if not _talon.seed_become_worker():
        os._exit(0)
