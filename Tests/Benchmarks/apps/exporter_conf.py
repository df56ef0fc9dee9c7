"""gunicorn's configuration for gunicorn-prometheus-exporter 0.2.4, as its documentation gives it."""

from gunicorn_prometheus_exporter.hooks import (
    default_on_exit,
    default_on_starting,
    default_post_fork,
    default_when_ready,
    default_worker_int,
)

worker_class = "gunicorn_prometheus_exporter.PrometheusWorker"
on_starting = default_on_starting
when_ready = default_when_ready
post_fork = default_post_fork
worker_int = default_worker_int
on_exit = default_on_exit
