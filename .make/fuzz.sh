#!/usr/bin/env bash
# Builds the fuzzers of Tests/Fuzz and runs them one after the other: the HTTP codec, the translation of HTTP/2's heads, and
# what the Python extension makes of a request, the last with the address sanitizer. What they find is in .build/fuzz.
# usage: fuzz.sh [--seconds N | --runs N] [codec|translation|environ]...
set -euo pipefail
. "$(dirname "$0")/common.sh"

limit=-max_total_time=60
case ${1:-} in
    --seconds) limit=-max_total_time=${2:?} && shift 2 ;;
    --runs) limit=-runs=${2:?} && shift 2 ;;
esac
(($#)) || set -- codec translation environ

need_swift
.make/packages.sh runtime
toolchain=$(dirname "$(realpath "$(command -v swift)")")
fuzz=$root/.build/fuzz
mkdir -p "$fuzz"

# One module, so that the codec's internals are at hand and nothing else is in the binary but the platform's values.
build_swift() {
    local products objects
    swift build -c release --target TalonPlatform --quiet
    products=$(swift build -c release --show-bin-path)
    objects=("$products"/{C,}TalonPlatform.build/*.o)
    # SwiftPM names a package after its folder.
    swiftc -O -sanitize=fuzzer -parse-as-library -suppress-warnings -module-name TalonHTTP \
        -package-name "$(basename "$root" | tr '[:upper:]' '[:lower:]')" \
        -swift-version 6 -enable-upcoming-feature InternalImportsByDefault \
        -I "$products/Modules" -Xcc "-fmodule-map-file=$products/CTalonPlatform.build/module.modulemap" \
        Sources/TalonHTTP/Codec/*.swift Sources/TalonHTTP/HTTP2/StreamRequest.swift \
        Tests/TalonHTTPTests/Invariants/*.swift "Tests/Fuzz/$1" "${objects[@]}" -lcrypt -o "$fuzz/$2"
}

build_codec() { build_swift CodecFuzzer.swift codec; }

build_translation() { build_swift TranslationFuzzer.swift translation; }

build_environ() {
    local extension=Plugins/Python/extension
    # shellcheck disable=SC2046 # words
    "$toolchain/clang" -std=c11 -g -O1 -fuse-ld=lld -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
        -Wall -Wextra -Werror -isystem "$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')" \
        -ISources/CTalonPlugin/include -ISources/CTalonWorker/include -I"$extension" \
        "$extension"/{environ,environ_place,header_names,text,input,input_line,input_methods}.c \
        Tests/Fuzz/environ_fuzzer.c $("$python"-config --embed --ldflags) -o "$fuzz/environ"
}

for name in "$@"; do
    say "building the fuzzer of $name"
    "build_$name"
    mkdir -p "$fuzz/$name.found"
    say "fuzzing $name: $limit"
    "$fuzz/$name" "$limit" -dict=Tests/Fuzz/http.dict -max_len=2048 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$fuzz/$name.crash-" "$fuzz/$name.found" "Tests/Fuzz/Corpus/$name"
done
