#!/usr/bin/env bash
# Measures what all that is counted of one request costs, and whether it allocates.
# usage: bench-request.sh
set -euo pipefail
. "$(dirname "$0")/common.sh"

.make/build.sh
folder=$root/.build/bench-request
rm -rf "$folder"
mkdir -p "$folder/metrics"
exec "$(swift build -c release --show-bin-path)/request-benchmark" "$folder/metrics"
