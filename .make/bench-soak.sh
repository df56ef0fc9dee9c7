#!/usr/bin/env bash
# Reloads, upgrades, recycles and kills a server under load, and counts what that cost.
# usage: bench-soak.sh [--quick] [--only orderly|kills|replacement]
set -euo pipefail
. "$(dirname "$0")/common.sh"

.make/packages.sh test
.make/build.sh
make_venv "$root/.build/test-venv" .make/requirements/test.txt
folder=$root/.build/bench-soak
mkdir -p "$folder"
cc -O2 -shared -fPIC -I Sources/CTalonPlugin/include -o "$folder/nothing.so" Tests/Fixtures/plugins/nothing.c
exec "$root/.build/test-venv/bin/python" Tests/Benchmarks/soak.py --talon "$dist/bin/talon" \
    --plugin "$folder/nothing.so" "$@"
