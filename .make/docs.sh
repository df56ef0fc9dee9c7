#!/usr/bin/env bash
# Writes docs/settings.md from what the staged talon says of its own settings.
# usage: docs.sh
set -euo pipefail
. "$(dirname "$0")/common.sh"

[[ -x $dist/bin/talon ]] || fail "${dist#"$root"/}/bin/talon is missing: run \`make build\`"
help=$("$dist/bin/talon" --help)
cat >docs/settings.md.new <<END
# Settings

This is what \`talon --help\` prints; \`make docs\` writes this page from it, so do not edit it by hand.

\`\`\`text
$help
\`\`\`
END
mv docs/settings.md.new docs/settings.md
say "wrote docs/settings.md"
