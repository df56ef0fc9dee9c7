#!/usr/bin/env bash
# Lays out what `swift build -c release` made as the distribution in .build/talon: it can be copied anywhere whole.
set -euo pipefail
. "$(dirname "$0")/common.sh"

need_swift
products=$(swift build -c release --show-bin-path)
runtime=$(swift -print-target-info | sed -nE '/"runtimeLibraryPaths"/,/\]/s/^ *"(\/[^"]*)".*/\1/p' | head -n 1)
[[ -d $runtime ]] || fail "the Swift toolchain does not say where its runtime libraries are: swift -print-target-info"

# put FROM TO: as a new file under the old name, and only when it differs, so that a running process keeps its own.
put() {
    cmp -s "$1" "$2" && return
    [[ -f $1 ]] || fail "${1#"$root"/} is missing: the build did not make it"
    mkdir -p "$(dirname "$2")"
    cp --preserve=mode "$1" "$2.new"
    mv -f "$2.new" "$2"
}

# Every file of a Python package; what is no longer in the source goes.
put_package() {
    local from=$1 to=$2 file
    [[ -d $from ]] || fail "$from is missing"
    mkdir -p "$to"
    while IFS= read -r -d '' file; do
        put "$from/$file" "$to/$file"
    done < <(cd "$from" && find . -type f ! -path '*/__pycache__/*' ! -name '*.so' -printf '%P\0')
    while IFS= read -r -d '' file; do
        [[ -e $from/$file ]] || rm -f "$to/$file"
    done < <(cd "$to" && find . -type f -name '*.py' -printf '%P\0')
}

put "$products/talon" "$dist/bin/talon"
put "$products/talon-plugin" "$dist/lib/talon/bin/talon-plugin"
put "$products/talon-exporter" "$dist/lib/talon/bin/talon-exporter"
put "$products/libTalonWorker.so" "$dist/lib/talon/libTalonWorker.so"
# A bundle like any other.
default_hooks=$dist/lib/talon/plugins/DefaultHooks.talonplugin
put Plugins/DefaultHooks/plugin.yaml "$default_hooks/plugin.yaml"
put "$products/libDefaultHooks.so" "$default_hooks/lib/$(uname -m)-linux-gnu/DefaultHooks.so"
put Sources/CTalonPlugin/include/talon_plugin.h "$dist/lib/talon/include/talon_plugin.h"
# The kit of plugins in Swift is shipped as source: it is compiled into each plugin's own module.
kit=$dist/lib/talon/kit
for file in Sources/TalonPluginKit/*.swift; do put "$file" "$kit/TalonPluginKit/$(basename "$file")"; done
put Sources/CTalonPlugin/include/talon_plugin.h "$kit/CTalonPlugin/talon_plugin.h"
put Sources/CTalonPlugin/include/module.modulemap "$kit/CTalonPlugin/module.modulemap"
put Sources/TalonPluginKit/exports.map "$kit/TalonPluginKit/exports.map"
put_package Plugins/Python/talon_host "$dist/lib/talon/python/talon_host"
put_package Plugins/Python/modules "$dist/lib/talon/python/modules"

# What a worker loads to speak TLS. By the C compiler: SwiftPM would have it need the Swift runtime.
tls=$root/.build/tls/libTalonTLS.so
mkdir -p "$(dirname "$tls")"
"${CC:-cc}" -std=c11 -O2 -shared -fPIC -Wall -Wextra -Werror -fvisibility=hidden -D_GNU_SOURCE \
    -ISources/CTalonTLS/include -ISources/CTalonPlatform/include Sources/CTalonTLS/*.c -o "$tls" -lssl -lcrypto
put "$tls" "$dist/lib/talon/libTalonTLS.so"
# And for HTTP/2.
http2=$root/.build/tls/libTalonHTTP2.so
"${CC:-cc}" -std=c11 -O2 -shared -fPIC -Wall -Wextra -Werror -fvisibility=hidden -D_GNU_SOURCE \
    -ISources/CTalonHTTP2/include -ISources/CTalonPlatform/include Sources/CTalonHTTP2/*.c -o "$http2" -lnghttp2
put "$http2" "$dist/lib/talon/libTalonHTTP2.so"

extension=$root/.build/python-extension/_talon.abi3.so
mkdir -p "$(dirname "$extension")"
Plugins/Python/extension/build.sh "$extension" "$dist/lib/talon" "$python"
put "$extension" "$dist/lib/talon/python/_talon.abi3.so"

# The Swift runtime: of the toolchain's libraries those that ours load, and no others.
while IFS= read -r library; do
    put "$library" "$dist/lib/swift/$(basename "$library")"
done < <(LD_LIBRARY_PATH=$runtime ldd "$products/talon" "$products/talon-plugin" "$products/talon-exporter" \
    "$products/libTalonWorker.so" "$products/libDefaultHooks.so" |
    awk -v runtime="$runtime/" 'index($3, runtime) == 1 { print $3 }' | sort -u)

# What was laid out must find all that it needs in itself, not in the toolchain.
strays=$(find "$dist/bin" "$dist/lib" -type f \( -name talon -o -name 'talon-*' -o -name '*.so' \) \
    -exec env -u LD_LIBRARY_PATH ldd {} + | awk -v runtime="$runtime/" '/not found/ || index($3, runtime) == 1 { print $1 }' |
    sort -u | xargs)
[[ -z $strays ]] || fail "staged files load these from outside ${dist#"$root"/} or not at all (their rpath?): $strays"
say "staged in ${dist#"$root"/}"
