"""An application with metrics of its own, of every type and mode of prometheus_client."""

import os

from prometheus_client import Counter, Gauge, Histogram, Summary

MODES = [live + mode for live in ("", "live") for mode in ("all", "min", "max", "sum", "mostrecent")]

orders = Counter("shop_orders", "Orders taken", ["kind"])
waits = Histogram("shop_wait_seconds", "Waits", buckets=[0.1, 1])
sizes = Summary("shop_size_bytes", "Sizes")
gauges = [Gauge(f"shop_{mode}", f"A gauge of mode {mode}", multiprocess_mode=mode) for mode in MODES]

if not os.path.exists(os.path.join(os.environ["PROBE_DIR"], "silent")):
    for gauge in gauges:
        gauge.set(1)


def order():
    orders.labels("book").inc()
    waits.observe(0.5)
    sizes.observe(7)


def fork():
    """A child of the worker takes an order too."""
    child = os.fork()
    if child == 0:
        order()
        os._exit(0)
    os.waitpid(child, 0)


def app(environ, start_response):
    if environ["PATH_INFO"] == "/order":
        order()
    elif environ["PATH_INFO"] == "/fork":
        fork()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
