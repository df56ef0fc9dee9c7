#!/usr/bin/env bash
# Writes docs/settings.md and docs/talon.schema.json from what the staged talon says of its own settings.
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
"$dist/bin/talon" schema >docs/talon.schema.json.new
mv docs/talon.schema.json.new docs/talon.schema.json
say "wrote docs/settings.md and docs/talon.schema.json"
