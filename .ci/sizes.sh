#!/usr/bin/env bash
# One idea a file: no source file has more than 500 lines.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

status=0
while IFS= read -r -d '' file; do
    [[ -f $file ]] || continue # deleted, not yet committed
    lines=$(wc -l <"$file")
    if ((lines > 500)); then
        printf '%s: %d lines, and 500 are allowed: more than one idea is in it\n' "$file" "$lines" >&2
        status=1
    fi
done < <(git ls-files -z --cached --others --exclude-standard -- '*.swift' '*.c' '*.h' '*.py' '*.sh' .ci/run)
exit "$status"
