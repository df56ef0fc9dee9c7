#!/usr/bin/env bash
# Copies the staged distribution to a prefix.
# usage: install.sh PREFIX
set -euo pipefail
. "$(dirname "$0")/common.sh"

prefix=${1:?usage: install.sh PREFIX}
[[ $prefix == /* ]] || fail "PREFIX must be an absolute path, and is $prefix"
# `sudo make install` has no toolchain on its PATH as a rule, and needs none when there is a build.
[[ -x $dist/bin/talon ]] || .make/build.sh

while IFS= read -r -d '' file; do
    mode=644
    [[ -x $dist/$file ]] && mode=755
    # A new file under the old name: a running server keeps the one it has open.
    install -D -m "$mode" "$dist/$file" "$prefix/$file.new"
    mv -f "$prefix/$file.new" "$prefix/$file"
done < <(cd "$dist" && find . -type f ! -path '*/__pycache__/*' -printf '%P\0')
say "installed $prefix/bin/talon"
