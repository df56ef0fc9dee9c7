"""The life of a seed: load the application once, then fork a worker each time that the master wants one."""

import gc
import os
import signal

import _talon

from . import master_signals, metrics, prometheus, worker


def main():
    # The master's answer to a load that takes too long.
    signal.signal(signal.SIGABRT, worker.abort)
    before = master_signals.leave()
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


def become_worker(handlers):
    """Before the master knows of this process, so that it hears the first signal that is meant for it."""
    for number, handler in handlers.items():
        if signal.getsignal(number) is master_signals.ignored:  # else it is the application's own
            signal.signal(number, handler)
    if not _talon.seed_become_worker():
        os._exit(0)
