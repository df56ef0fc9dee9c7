"""Greenlets of eventlet's hub, with the standard library patched as gunicorn does."""

from . import greenlets, package

eventlet = package("eventlet", "eventlet")
hubs = package("eventlet.hubs", "eventlet")


def patch():
    hubs.use_hub()
    eventlet.monkey_patch()


def after_fork():
    hubs.use_hub()


def start(task):
    return eventlet.spawn(task)


def wait(descriptor, for_room, seconds):
    try:
        hubs.trampoline(
            descriptor, read=not for_room, write=for_room, timeout=seconds, timeout_exc=greenlets.TooLate
        )
    except greenlets.TooLate:
        return False
    return True


def cancel(greenlet):
    # Not from here: the runtime is in the middle of its turn.
    hubs.get_hub().schedule_call_global(0, greenlet.kill, greenlets.RequestTimeout())


def prepare(application, base):
    return greenlets.prepare(application, base, start, wait, cancel)


def serve():
    return greenlets.serve(wait)


is_busy = greenlets.is_busy
