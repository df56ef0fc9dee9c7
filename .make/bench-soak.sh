#!/usr/bin/env bash
# Reloads, upgrades, recycles and kills a server under load, and counts what that cost. With --kind: a mixed load on one
# kind of worker.
# usage: bench-soak.sh [--quick] [--only orderly|kills|replacement]
#        bench-soak.sh --kind sync|gthread|gevent|eventlet|tornado|tornado-wsgi|asgi|asgi-uvloop|all [--minutes N]
set -euo pipefail
. "$(dirname "$0")/common.sh"

.make/packages.sh test
.make/build.sh
make_venv "$root/.build/test-venv" .make/requirements/test.txt
python=$root/.build/test-venv/bin/python
if [[ " $* " == *" --kind "* ]]; then
    exec "$python" Tests/Benchmarks/soak_kinds.py --talon "$dist/bin/talon" "$@"
fi
folder=$root/.build/bench-soak
mkdir -p "$folder"
cc -O2 -shared -fPIC -I Sources/CTalonPlugin/include -o "$folder/nothing.so" Tests/Fixtures/plugins/nothing.c
exec "$python" Tests/Benchmarks/soak.py --talon "$dist/bin/talon" \
    --plugin "$folder/nothing.so" "$@"
