# Sourced by the scripts beside it: where things are, and how to say that something is missing.
# shellcheck shell=bash disable=SC2034
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dist=$root/.build/talon
tools=$root/.build/tools/usr/bin
# Debian's own interpreter, whatever stands first on PATH: the extension is built against its headers.
python=/usr/bin/python3
export PATH="$PATH:$tools"
cd "$root"

say() { printf '%s\n' "==> $*"; }

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

need_swift() {
    command -v swift >/dev/null 2>&1 ||
        fail "swift is missing: install the Swift 6.3 toolchain from https://www.swift.org/install/linux/ and put its usr/bin on PATH"
}

# make_venv DIR REQUIREMENTS: a virtual environment with just these packages; made again when the list changes.
make_venv() {
    local dir=$1 requirements=$2
    cmp -s "$requirements" "$dir/installed.txt" && return
    say "virtual environment ${dir#"$root"/}: $(grep -v '^#' "$requirements" | xargs)"
    rm -rf "$dir"
    "$python" -m venv "$dir"
    "$dir/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$dir/installed.txt"
}
