#!/usr/bin/env bash
# Checks format, imports, unsafe code and file sizes. Changes nothing.
set -euo pipefail
. "$(dirname "$0")/common.sh"

need_swift
status=0
swift format lint --strict --recursive --parallel Sources Plugins Tests Package.swift || status=1
.ci/imports.sh || status=1
.ci/unsafe.sh || status=1
.ci/sizes.sh || status=1
((status)) || say "lint: clean"
exit "$status"
