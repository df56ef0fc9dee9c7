#!/usr/bin/env bash
# Unsafe code has its rooms (docs/architecture.md, rules of the house); the rest of the Swift sources names none of it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rooms=(
    Sources/TalonPlatform
    Sources/TalonMetrics/Storage
    Sources/TalonHooks/Dispatch
    Sources/TalonWorker/Boundary
    Sources/TalonPluginKit
    Sources/TalonBundle/Scaffold/Templates # text, not code
    Sources/TalonTesting
    Plugins/DefaultHooks
    Plugins/Examples
)
prune=()
for room in "${rooms[@]}"; do prune+=(-path "$room" -prune -o); done

# A comment may name it.
# shellcheck disable=SC2016 # awk's dollars
found=$(find Sources Plugins "${prune[@]}" -type f -name '*.swift' -print0 | sort -z |
    xargs -0 --no-run-if-empty awk '
        { code = $0; sub(/\/\/.*/, "", code) }
        code ~ /Unsafe|unsafe(BitCast|Downcast)|nonisolated\(unsafe\)/ { print FILENAME ":" FNR ": unsafe code outside its rooms: " $0 }')
[[ -z $found ]] || {
    printf '%s\n' "$found" >&2
    exit 1
}
