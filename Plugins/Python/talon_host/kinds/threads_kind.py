"""One request at a time, or as many as there are threads: worker kinds sync and gthread."""

import threading
import time

import _talon

JOIN_SECONDS = 1.0

threads = []


def patch():
    pass


def after_fork():
    pass


def prepare(application, base):
    return _talon.prepare(application, base)


def serve():
    start()
    return _talon.serve()


def start():
    """The main thread runs the application itself when one thread is wanted. They are daemons: one that is stuck in
    the application must not hold up the end of the process."""
    count = _talon.threads()
    for number in range(1, count + 1) if count > 1 else ():
        threads.append(
            threading.Thread(target=_talon.run_application_thread, name="talon-%d" % number, daemon=True)
        )
    for thread in threads:
        thread.start()


def is_busy():
    deadline = time.monotonic() + JOIN_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return any(thread.is_alive() for thread in threads)
