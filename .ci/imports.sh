#!/usr/bin/env bash
# Every target under Sources imports only what its row in imports.txt allows, and has a row.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

declare -A allowed
while IFS= read -r line; do
    line=${line%%#*}
    [[ $line == *:* ]] && allowed[${line%%:*}]=" ${line#*:} "
done <.ci/imports.txt

status=0
complain() {
    printf '%s\n' "$1" >&2
    status=1
}

# The row of the file's folder, or of the nearest folder above it.
row_of() {
    row=${1#Sources/}
    while [[ $row == */* ]]; do
        row=${row%/*}
        [[ -v allowed[$row] ]] && return
    done
}

# "line:module" of each import of a Swift file, whatever attributes, access level and kind stand around it.
swift_imports() {
    sed -nE '/^[[:space:]]*((@[A-Za-z_]+(\([^)]*\))?|public|package|internal|fileprivate|private)[[:space:]]+)*import[[:space:]]/{
        s/^.*import[[:space:]]+((struct|class|enum|protocol|func|var|let|typealias|actor)[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*).*/\3/
        =
        p
    }' "$1" | paste -d : - -
}

# "line:module" of each include of a C file that is not a header of its own target.
c_imports() {
    local target=$1 file=$2 line header module
    grep -nE '^[[:space:]]*#[[:space:]]*include' "$file" | sed -nE 's/^([0-9]+):[^<"]*[<"]([^>"]*)[>"].*/\1 \2/p' |
        while read -r line header; do
            [[ -e Sources/$target/$header || -e Sources/$target/include/$header ]] && continue
            case $header in
                ffi.h) module=libffi ;;
                zlib.h) module=zlib ;;
                zstd.h) module=libzstd ;;
                crypt.h) module=libcrypt ;;
                openssl/*) module=openssl ;;
                nghttp2/*) module=nghttp2 ;;
                hiredis/*) module=hiredis ;;
                *)
                    module=$(compgen -G "Sources/*/include/$header" | head -n 1 | cut -d / -f 2 || true)
                    module=${module:-libc}
                    ;;
            esac
            [[ $module == libffi && $target != CFFI ]] && module=CFFI
            [[ $module == libc && ${allowed[$target]} != *" libc "* ]] && module=$header
            printf '%s:%s\n' "$line" "$module"
        done || true
}

for folder in Sources/*/; do
    target=$(basename "$folder")
    [[ -v allowed[$target] ]] || complain "$folder: no row in .ci/imports.txt says what $target may import"
done
((status)) && exit "$status"

while IFS= read -r -d '' file; do
    row_of "$file"
    target=${file#Sources/}
    target=${target%%/*}
    case $file in
        *.swift) imports=$(swift_imports "$file") always=" Glibc Synchronization $target " ;;
        *) imports=$(c_imports "$target" "$file") always=" " ;;
    esac
    for import in $imports; do
        module=${import#*:}
        [[ "$always${allowed[$row]}" == *" $module "* ]] ||
            complain "$file:${import%%:*}: $row may not import $module (.ci/imports.txt)"
    done
done < <(find Sources -type f \( -name '*.swift' -o -name '*.c' -o -name '*.h' \) -print0 | sort -z)
exit "$status"
