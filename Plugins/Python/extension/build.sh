#!/bin/sh
# Builds the module _talon: build.sh <output path> <directory of libTalonWorker.so> [python whose headers to use]
# The module finds its runtime in the directory above its own. CC chooses the compiler.
set -eu
output=$1
runtime=$2
python=${3:-/usr/bin/python3}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
sources=$here/../../../Sources
include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')

# shellcheck disable=SC2016 # $ORIGIN is for the dynamic linker
exec "${CC:-cc}" -std=c11 -O2 -shared -fPIC -Wall -Wextra -Werror -fvisibility=hidden -isystem "$include" \
    -I"$sources/CTalonPlugin/include" -I"$sources/CTalonWorker/include" "$here"/*.c -o "$output" \
    -L"$runtime" -lTalonWorker -Wl,-rpath,'$ORIGIN/..'
