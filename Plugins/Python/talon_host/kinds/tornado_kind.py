"""Applications of Tornado's on its loop. A WSGI application runs there, too, one request at a time, as in gunicorn."""

import _talon

from . import event_loop, package

tornado = package("tornado.web", "tornado")
ioloop = package("tornado.ioloop", "tornado")


class State:
    loop = None


def patch():
    pass


def after_fork():
    pass


def cancel(task):
    task.cancel()


def prepare(application, base):
    from tornado.httputil import HTTPServerConnectionDelegate

    from ..tornado_connection import start

    State.loop = ioloop.IOLoop(make_current=True).asyncio_loop
    if isinstance(application, HTTPServerConnectionDelegate):
        return _talon.prepare_loop(
            application, base, lambda exchange: State.loop.create_task(start(application, exchange, State.loop)), cancel
        )
    return _talon.prepare_blocking(application, base)


def serve():
    return State.loop.run_until_complete(run())


async def run():
    status = _talon.open()
    if status is not None:
        return status
    turning = event_loop.Turning(State.loop)
    turning.start()
    await turning.ended
    return _talon.close()


def is_busy():
    return _talon.pending() > 0
