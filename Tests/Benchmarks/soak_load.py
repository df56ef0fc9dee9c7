"""The load of the soak: half of the clients keep their connections, half send `Connection: close`; one scrapes."""

import dataclasses
import multiprocessing
import threading
import time

import client
import servers


@dataclasses.dataclass
class Failure:
    since: float  # when the request began, monotonic
    until: float
    worker: int  # that has answered on this connection before; None on a new one
    text: str


class Tracked(client.Client):
    """Knows which worker has its connection."""

    def __init__(self, port, keeps):
        super().__init__(port, servers.BODY)
        self.worker = None
        if not keeps:
            self._request = self._request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")

    @property
    def is_open(self):
        return self._connection is not None

    def _judge(self, received):
        super()._judge(received)
        for line in received.split(b"\r\n\r\n", 1)[0].split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"x-worker":
                self.worker = int(value)


@dataclasses.dataclass
class Outcome:
    answered: int = 0
    closed_idle: int = 0
    failed: list = dataclasses.field(default_factory=list)
    scrapes: int = 0
    failed_scrapes: list = dataclasses.field(default_factory=list)


class Load:
    """In a process of its own: threads of this one would hold up what measures the server."""

    def __init__(self, *arguments):
        context = multiprocessing.get_context("fork")
        self._stopping = context.Event()
        self._results, results = context.Pipe(duplex=False)
        self._process = context.Process(target=self._run, args=(arguments, results), daemon=True)

    def _run(self, arguments, results):
        clients = Clients(*arguments)
        clients.start()
        self._stopping.wait()
        results.send(clients.stop())

    def start(self):
        self._process.start()

    def stop(self):
        self._stopping.set()
        outcome = self._results.recv()
        self._process.join()
        return outcome


class Clients:
    def __init__(self, port, metrics_port, clients):
        self._outcome = Outcome()
        self._port = port
        self._metrics_port = metrics_port
        self._tallies = [client.Tally() for _ in range(clients)]
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(number % 2 == 0, tally), daemon=True)
            for number, tally in enumerate(self._tallies)
        ]
        self._threads.append(threading.Thread(target=self._scrape, daemon=True))

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._outcome.answered = sum(tally.answered for tally in self._tallies)
        self._outcome.closed_idle = sum(tally.closed_idle for tally in self._tallies)
        return self._outcome

    def _ask(self, keeps, tally):
        asking = Tracked(self._port, keeps)
        while not self._stopping.is_set():
            worker = asking.worker if asking.is_open else None
            since = time.monotonic()
            try:
                asking.get()
                tally.answered += 1
            except client.Closed:
                tally.closed_idle += 1
            except client.Lost as lost:
                self._outcome.failed.append(Failure(since, time.monotonic(), worker, str(lost)))
        asking.close()

    def _scrape(self):
        while not self._stopping.is_set():
            try:
                status, _ = servers.get(self._metrics_port, "/metrics")
                if status == 200:
                    self._outcome.scrapes += 1
                else:
                    self._outcome.failed_scrapes.append(status)
            except Exception as error:  # whatever it is, the port did not answer
                self._outcome.failed_scrapes.append(repr(error))
            time.sleep(0.05)
