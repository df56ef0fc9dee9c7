"""The hook runner of a configuration file: `python3 <home>/python/talon_host hooks`. Executes the file, then calls its
functions when the master says so, and ends when that closes the socket."""

import os
import sys

from .. import master_signals, own_modules
from . import file, inheritance, process
from .config import Config
from .evaluate import show, summary
from .hooks import Hooks
from .link import CALL, HELLO, REFUSED, RESULT, Link
from .objects import Log, Server
from .points import NAMES

ID, VERSION, LANGUAGE = "org.talon.python-hooks", "0.1.0", "python"


def main():
    # on_exit is still to come.
    master_signals.leave()
    for descriptor in range(inheritance.FACTS, inheritance.SOCKET + 1):
        os.set_inheritable(descriptor, False)
    settings = inheritance.received()
    link = Link(inheritance.SOCKET, settings)
    process.is_host(link)
    process.configures()
    own_modules.offer()
    try:
        runner = Runner(link, settings)
    except BaseException as error:
        if not isinstance(error, file.NoFile):
            show(error)
        link.send(REFUSED, summary(error))
        return 1
    link.send(HELLO, ID, VERSION, LANGUAGE)
    try:
        runner.serve()
    except (BrokenPipeError, ConnectionResetError):
        pass  # the master is gone
    sys.stdout.flush()
    return 0


class Runner:
    def __init__(self, link, settings):
        self.link = link
        module = file.load(settings.get("config"))
        self.hooks = Hooks(module, settings)
        cfg = Config(settings, module)
        self.server = Server(cfg, Log(settings.get("loglevel", "info")))

    def serve(self):
        while True:
            frame = self.link.next()
            if frame is None:
                return
            kind, reader = frame
            if kind != CALL:
                continue
            name = NAMES.get(reader.number32())
            reader.number64()  # the deadline, which the master keeps
            arguments = self.arguments(name, reader)
            if name not in self.hooks.functions:
                self.link.send(RESULT, 0)
                continue
            self.link.is_in_call = True
            try:
                status = self.hooks.call(name, arguments)
            finally:
                self.link.is_in_call = False
            self.link.send(RESULT, status)

    def arguments(self, name, reader):
        server = self.server
        pid, application, _ = reader.signed32(), reader.text(), reader.text()
        address, port, workers, generation = reader.text(), reader.number32(), reader.number32(), reader.number32()
        reader.number64()  # when it was started
        server.update(pid, application, address, port, workers, generation)
        worker = self.worker(name, reader) if reader.number32() else None
        counts = (reader.number32(), reader.number32()) if reader.number32() else None
        if counts:
            # gunicorn's first call has no old number.
            return (server, counts[0], counts[1] or None)
        return (server,) if worker is None else (server, worker)

    def worker(self, name, reader):
        slot, age, pid, _ = reader.number32(), reader.number64(), reader.signed32(), reader.number32()
        worker = self.server.worker(pid, age, slot)
        if reader.number32():
            worker.exit_status, worker.exit_signal = reader.signed32(), reader.signed32()
            reader.text()
            worker.alive = False
        return worker
