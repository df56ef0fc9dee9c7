#!/usr/bin/env bash
# Builds a release and stages it in .build/talon.
# usage: build.sh [--build-tests]
set -euo pipefail
. "$(dirname "$0")/common.sh"

need_swift
.make/packages.sh runtime
say "swift build -c release $*"
swift build -c release "$@"
.make/stage.sh
