"""What the kinds with greenlets share. The runtime's loop turns in the main greenlet, which waits in the library's hub for
the loop's descriptor; each request runs in a greenlet of its own and waits for its client in the hub, too."""

import _talon


class RequestTimeout(BaseException):
    """Breaks off a request that is over its time limit. The extension knows it by its attribute."""

    talon_interruption = True

    def __init__(self):
        super().__init__("the request took longer than request_timeout")


class TooLate(Exception):
    """A wait has taken as long as it may."""


def prepare(application, base, start, wait, cancel):
    # As gunicorn says of these kinds.
    base["wsgi.multithread"] = True
    return _talon.prepare_greenlets(application, base, start, wait, cancel)


def serve(wait):
    status = _talon.open()
    if status is not None:
        return status
    descriptor = _talon.descriptor()
    while True:
        pause = _talon.turn()
        if pause < 0:
            return _talon.close()
        wait(descriptor, False, pause / 1000)


def is_busy():
    return _talon.pending() > 0
