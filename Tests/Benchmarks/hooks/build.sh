#!/usr/bin/env bash
# Builds the micro-benchmark of hook calls.
# usage: build.sh PROGRAM
set -euo pipefail
target=${1:?usage: build.sh PROGRAM}
here=$(dirname "${BASH_SOURCE[0]}")
sources=$here/../../../Sources
cc -std=gnu11 -O2 -D_GNU_SOURCE -fvisibility=hidden -Wall -Wextra -Werror \
    -I "$sources/CTalonGuard/include" -I "$sources/CTalonPlugin/include" -o "$target" \
    "$here/bench.c" "$sources/CTalonGuard/talon_plan.c" "$sources/CTalonGuard/talon_guard.c" -lffi -lpthread
