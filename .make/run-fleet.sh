#!/usr/bin/env bash
# Builds, then runs two Talon instances, a Redis, a fleet exporter and a Prometheus that scrapes it, until Ctrl-C.
set -euo pipefail
. "$(dirname "$0")/common.sh"

need_swift
.make/packages.sh fleet
.make/build.sh
make_venv "$root/.build/venv" .make/requirements/run.txt

folder=$root/.build/run-fleet
rm -rf "$folder"
mkdir -p "$folder"/{one,two,prometheus}
started=()
stop() {
    trap - EXIT INT TERM
    kill "${started[@]}" 2>/dev/null || true
    wait
}
trap stop EXIT INT TERM

start() { # NAME COMMAND...: in the background, with a log of its own
    local name=$1
    shift
    "$@" >"$folder/$name.log" 2>&1 &
    started+=($!)
}

export REDIS_ENABLED=true REDIS_HOST=$folder/redis.sock REDIS_FORWARD_INTERVAL=5 PROMETHEUS_BIND_ADDRESS=127.0.0.1
start redis redis-server --port 0 --unixsocket "$REDIS_HOST" --dir "$folder" --save ""
port=8000
for name in one two; do
    start "$name" env TALON_INSTANCE="$name" PROMETHEUS_MULTIPROC_DIR="$folder/$name" \
        PROMETHEUS_METRICS_PORT=$((port + 1090)) \
        "$dist/bin/talon" --chdir docs/examples/flask -w 2 -b 127.0.0.1:$port --python "$root/.build/venv/bin/python" app:app
    port=$((port + 1))
done
start exporter "$dist/bin/talon" exporter --from redis --port 9191
cat >"$folder/prometheus.yml" <<'END'
global: { scrape_interval: 5s }
scrape_configs:
  - job_name: fleet
    honor_labels: true
    static_configs: [{ targets: ["127.0.0.1:9191"] }]
END
start prometheus prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/prometheus" \
    --web.listen-address=127.0.0.1:9292

cat <<END

  applications    http://127.0.0.1:8000  http://127.0.0.1:8001
  fleet exporter  http://127.0.0.1:9191/metrics
  Prometheus      http://127.0.0.1:9292
  logs            ${folder#"$root"/}/*.log

  Try in another terminal:
    curl http://127.0.0.1:8000/ http://127.0.0.1:8001/
    curl -s http://127.0.0.1:9191/metrics | grep gunicorn_worker_requests_total

  Ctrl-C stops it all.

END
# Until one of them ends, which is a fault.
wait -n "${started[@]}"
say "one of them has ended; its log is in ${folder#"$root"/}"
exit 1
