#!/usr/bin/env bash
# Measures a fleet exporter with simulated instances in a real Redis.
# usage: bench-fleet.sh [--instances N...] [--series N]
set -euo pipefail
. "$(dirname "$0")/common.sh"

.make/packages.sh fleet
.make/build.sh
exec "$python" Tests/Benchmarks/fleet.py --talon "$dist/bin/talon" "$@"
