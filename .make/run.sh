#!/usr/bin/env bash
# Builds, then serves docs/examples/flask with metrics until Ctrl-C.
set -euo pipefail
. "$(dirname "$0")/common.sh"

need_swift
.make/build.sh
make_venv "$root/.build/venv" .make/requirements/run.txt

export PROMETHEUS_METRICS_PORT=${PROMETHEUS_METRICS_PORT:-9090}
export PROMETHEUS_BIND_ADDRESS=${PROMETHEUS_BIND_ADDRESS:-127.0.0.1}
export PROMETHEUS_MULTIPROC_DIR=$root/.build/run/metrics
bind=${BIND:-127.0.0.1:8000}
mkdir -p "$PROMETHEUS_MULTIPROC_DIR"

cat <<END

  application  http://$bind
  metrics      http://$PROMETHEUS_BIND_ADDRESS:$PROMETHEUS_METRICS_PORT/metrics

  Try in another terminal:
    curl http://$bind/
    curl -N http://$bind/stream
    curl --data-binary @LICENSE http://$bind/upload
    curl http://$bind/fail
    curl -s http://$PROMETHEUS_BIND_ADDRESS:$PROMETHEUS_METRICS_PORT/metrics | grep gunicorn_worker_requests_total

  Ctrl-C stops it.

END
exec "$python" .make/foreground.py "$dist/bin/talon" --chdir docs/examples/flask -w 2 -b "$bind" \
    --python "$root/.build/venv/bin/python" app:app
