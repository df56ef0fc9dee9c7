#!/usr/bin/env bash
# Sends random streams of requests to a Talon and compares what it accepts with h11's reading of them.
# usage: differential.sh [--cases N] [--seed N]
set -euo pipefail
. "$(dirname "$0")/common.sh"

.make/packages.sh test
.make/build.sh
venv=$root/.build/test-venv
make_venv "$venv" .make/requirements/test.txt
folder=$(mktemp -d)
port=18123
"$dist/bin/talon" echo:app --chdir Tests/Differential --python "$venv/bin/python" -b "127.0.0.1:$port" -w 1 \
    --no-metrics --no-control-socket --log-file "$folder/error.log" &
server=$!
trap 'kill -TERM "$server" 2>/dev/null; wait "$server"; rm -rf "$folder"' EXIT
for _ in {1..100}; do
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.1
done
"$venv/bin/python" -B Tests/Differential/differential.py --port "$port" "$@"
