#!/usr/bin/env bash
# Two servers, a Redis, a fleet exporter and a Prometheus that scrapes it, on loopback, until a signal or the end of one.
# usage: fleet.sh TALON PYTHON FOLDER PORT...: of both applications, of their metrics, of the exporter, of Prometheus
set -euo pipefail
. "$(dirname "$0")/common.sh"
talon=$1 python=$2 folder=$3 applications=("$4" "$5") metrics=("$6" "$7") exporter=$8 prometheus=$9

rm -rf "$folder"
mkdir -p "$folder"/{one,two,prometheus}
started=()
stop() {
    trap - EXIT INT TERM
    kill "${started[@]}" 2>/dev/null || true
    wait
}
trap stop EXIT
trap 'exit 0' INT TERM

start() { # NAME COMMAND...: in the background, with a log of its own
    local name=$1
    shift
    "$@" >"$folder/$name.log" 2>&1 &
    started+=($!)
}

unset "${!REDIS_@}" # a developer's own, of which a URL would win
export REDIS_ENABLED=true REDIS_HOST=$folder/redis.sock REDIS_FORWARD_INTERVAL=5 PROMETHEUS_BIND_ADDRESS=127.0.0.1
start redis redis-server --port 0 --unixsocket "$REDIS_HOST" --dir "$folder" --save ""
names=(one two)
for index in 0 1; do
    name=${names[index]}
    start "$name" env TALON_INSTANCE="$name" PROMETHEUS_MULTIPROC_DIR="$folder/$name" \
        PROMETHEUS_METRICS_PORT="${metrics[index]}" "$talon" --chdir docs/examples/flask -w 2 \
        -b "127.0.0.1:${applications[index]}" --python "$python" app:app
done
start exporter "$talon" exporter --from redis --port "$exporter"
cat >"$folder/prometheus.yml" <<END
global: { scrape_interval: 5s }
scrape_configs:
  - job_name: fleet
    honor_labels: true
    static_configs: [{ targets: ["127.0.0.1:$exporter"] }]
END
start prometheus prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/prometheus/data" \
    --web.listen-address="127.0.0.1:$prometheus"

# Until one of them ends, which is a fault.
wait -n "${started[@]}" || true
tail -n 5 "$folder"/*.log
fail "one of them has ended; its log is in $folder"
