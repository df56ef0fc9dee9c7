#!/usr/bin/env bash
# Measures what metrics cost, beside prometheus_client in multiprocess mode.
# usage: bench-metrics.sh [--quick]
set -euo pipefail
. "$(dirname "$0")/common.sh"

.make/build.sh
make_venv "$root/.build/test-venv" .make/requirements/test.txt
exec "$root/.build/test-venv/bin/python" Tests/Benchmarks/metrics.py \
    --program "$(swift build -c release --show-bin-path)/metric-benchmark" "$@"
