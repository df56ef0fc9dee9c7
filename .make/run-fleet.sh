#!/usr/bin/env bash
# Builds, then runs two Talon instances, a Redis, a fleet exporter and a Prometheus that scrapes it, until Ctrl-C.
set -euo pipefail
. "$(dirname "$0")/common.sh"

need_swift
.make/packages.sh fleet
.make/build.sh
make_venv "$root/.build/venv" .make/requirements/run.txt

ports=(8000 8001 9090 9091 9191 9292)
cat <<END

  applications    http://127.0.0.1:${ports[0]}  http://127.0.0.1:${ports[1]}
  fleet exporter  http://127.0.0.1:${ports[4]}/metrics
  Prometheus      http://127.0.0.1:${ports[5]}
  logs            .build/run-fleet/*.log

  Try in another terminal:
    curl http://127.0.0.1:${ports[0]}/ http://127.0.0.1:${ports[1]}/
    curl -s http://127.0.0.1:${ports[4]}/metrics | grep gunicorn_worker_requests_total

  Ctrl-C stops it all.

END
exec .make/fleet.sh "$dist/bin/talon" "$root/.build/venv/bin/python" "$root/.build/run-fleet" "${ports[@]}"
