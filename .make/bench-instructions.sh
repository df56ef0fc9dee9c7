#!/usr/bin/env bash
# Counts the instructions of one request by callgrind.
# usage: bench-instructions.sh [--check] [--record]
set -euo pipefail
. "$(dirname "$0")/common.sh"

.make/packages.sh test
.make/build.sh
make_venv "$root/.build/test-venv" .make/requirements/test.txt
exec "$root/.build/test-venv/bin/python" Tests/Benchmarks/instructions.py --talon "$dist/bin/talon" "$@"
