#!/usr/bin/env bash
# Builds, makes the virtual environment of the other servers, and runs one benchmark.
# usage: bench.sh throughput|reload|replacement|forwarding [ARGUMENT]...
set -euo pipefail
. "$(dirname "$0")/common.sh"

name=${1:?usage: bench.sh throughput|reload|replacement|forwarding [ARGUMENT]...}
shift
.make/packages.sh bench
[[ $name != forwarding ]] || .make/packages.sh fleet
.make/build.sh
venv=$root/.build/bench-venv
make_venv "$venv" .make/requirements/bench.txt
# bjoern is a C program without wheels that wants libev: measured when it builds, left out with a word when not.
if [[ ! -e $venv/bjoern.tried ]]; then
    "$venv/bin/pip" install --quiet --disable-pip-version-check bjoern==3.2.2 >"$venv/bjoern.log" 2>&1 ||
        say "bjoern does not build here (apt-get install libev-dev, then rm -r ${venv#"$root"/}): left out"
    touch "$venv/bjoern.tried"
fi
if [[ $name == throughput ]]; then
    make -s -C Plugins/Examples/hello-app-c
    set -- --native Plugins/Examples/hello-app-c/libhello.so "$@"
fi
exec "$venv/bin/python" "Tests/Benchmarks/$name.py" --talon "$dist/bin/talon" "$@"
