"""The names of worker classes. The server knows them; there is nothing in them."""

PACKAGE = "gunicorn_prometheus_exporter"


def named(name, summary):
    return type(name, (), {"__doc__": summary, "__module__": PACKAGE})


PrometheusWorker = named("PrometheusWorker", "One request at a time.")
PrometheusThreadWorker = named("PrometheusThreadWorker", "Requests on threads.")
PrometheusEventletWorker = named("PrometheusEventletWorker", "Requests on green threads of eventlet.")
PrometheusGeventWorker = named("PrometheusGeventWorker", "Requests on greenlets of gevent.")
PrometheusTornadoWorker = named("PrometheusTornadoWorker", "An application of Tornado.")
PrometheusMaster = named("PrometheusMaster", "The server itself, which counts without it.")


def get_prometheus_eventlet_worker():
    return PrometheusEventletWorker


def get_prometheus_gevent_worker():
    return PrometheusGeventWorker
