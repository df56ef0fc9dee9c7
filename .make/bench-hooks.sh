#!/usr/bin/env bash
# Measures what calls of hooks cost, and whether they leave anything behind.
# usage: bench-hooks.sh [--quick]
set -euo pipefail
. "$(dirname "$0")/common.sh"

.make/build.sh
folder=$root/.build/bench-hooks
mkdir -p "$folder"
for name in nothing misbehave; do
    cc -O2 -shared -fPIC -I Sources/CTalonPlugin/include -o "$folder/$name.so" "Tests/Fixtures/plugins/$name.c"
done
exec "$(swift build -c release --show-bin-path)/hook-benchmark" "$dist/bin/talon" "$folder/nothing.so" \
    "$folder/misbehave.so" "$@"
