#!/usr/bin/env bash
# Prints the Python interpreters that tests run with, one a line: those named, Debian's, the first on PATH and pyenv's,
# without those older than 3.10 and without doubles.
# usage: interpreters.sh [PYTHON]...
set -euo pipefail
. "$(dirname "$0")/common.sh"

candidates=("$@" "$python" "$(command -v python3 || true)" "${PYENV_ROOT:-${HOME:-/root}/.pyenv}"/versions/*/bin/python3)
for candidate in "${candidates[@]}"; do
    # A shim (pyenv's, asdf's) is a script: sys.executable is what it starts.
    "$candidate" -c 'import sys; print(sys.executable) if sys.version_info >= (3, 10) else None' 2>/dev/null || true
done | awk 'NF && !seen[$0]++'
