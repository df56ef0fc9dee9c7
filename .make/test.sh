#!/usr/bin/env bash
# Builds and runs every test: those of the Python host, then those in Swift, which drive the staged talon.
# usage: test.sh [ARGUMENT OF swift test]...
set -euo pipefail
. "$(dirname "$0")/common.sh"

need_swift
.make/packages.sh test
.make/build.sh
make_venv "$root/.build/test-venv" .make/requirements/test.txt

export TALON_TEST_BINARY=$dist/bin/talon
export TALON_TEST_PYTHON=$root/.build/test-venv/bin/python
# Every other kind of interpreter that the machine happens to have; none of them is needed.
TALON_TEST_PYTHONS=$(.make/interpreters.sh "$TALON_TEST_PYTHON" | paste -s -d :)
export TALON_TEST_PYTHONS
say "interpreters: ${TALON_TEST_PYTHONS//:/ }"

say "tests of the Python host"
PYTHONPATH=$dist/lib/talon/python "$TALON_TEST_PYTHON" -m unittest discover -s Plugins/Python/tests
say "tests in Swift"
# The pure parts are tested in a debug build, whose checks are stricter; processes are those of the staged release.
# The failures once more at the end, where whoever reads a long log looks first.
log=$root/.build/test.log
if ! swift test --disable-xctest "$@" 2>&1 | tee "$log"; then
    say "what failed:"
    grep -a -A 3 '✘.* recorded an issue' "$log" || tail -n 40 "$log"
    fail "the tests failed; the whole output is in ${log#"$root"/}"
fi
