#!/usr/bin/env bash
# Formats the Swift sources in place.
set -euo pipefail
. "$(dirname "$0")/common.sh"

need_swift
swift format --in-place --recursive --parallel Sources Plugins Tests Package.swift
