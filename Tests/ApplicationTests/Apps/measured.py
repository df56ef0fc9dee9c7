"""An application with metrics of its own, by prometheus_client in its multiprocess mode."""

from prometheus_client import Counter

orders = Counter("shop_orders", "Orders taken", ["kind"])


def app(environ, start_response):
    orders.labels("book").inc()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"thank you"]
