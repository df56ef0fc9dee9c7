"""Greenlets of gevent's hub, with the standard library patched as gunicorn does."""

from . import greenlets, package

gevent = package("gevent", "gevent")


def patch():
    package("gevent.monkey", "gevent").patch_all()


def after_fork():
    gevent.reinit()


def start(task):
    return gevent.spawn(task)


def wait(descriptor, for_room, seconds):
    from gevent.socket import wait_read, wait_write

    try:
        (wait_write if for_room else wait_read)(descriptor, timeout=seconds, timeout_exc=greenlets.TooLate())
    except greenlets.TooLate:
        return False
    return True


def cancel(greenlet):
    greenlet.kill(greenlets.RequestTimeout, block=False)


def prepare(application, base):
    return greenlets.prepare(application, base, start, wait, cancel)


def serve():
    return greenlets.serve(wait)


is_busy = greenlets.is_busy
