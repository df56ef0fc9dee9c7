#!/usr/bin/env bash
# Installs the Debian packages that a task needs and this machine lacks.
# usage: packages.sh runtime|test|fleet|bench
set -euo pipefail
. "$(dirname "$0")/common.sh"

# libncurses6 and libxml2 are the toolchain's own: `swift build` does not start without them.
packages=(gcc libc6-dev libcrypt-dev libffi-dev libhiredis-dev libncurses6 libnghttp2-dev libssl-dev libxml2 libzstd-dev
    pkg-config python3 python3-dev python3-venv zlib1g-dev)
commands=()
case ${1:-} in
    runtime) ;;
    test)
        packages+=(binutils curl g++ libsystemd0 nghttp2-client openssl redis-tools valgrind zstd)
        commands=(prometheus promtool)
        ;;
    fleet)
        packages+=(redis-tools util-linux)
        commands=(prometheus promtool)
        ;;
    bench)
        packages+=(libev-dev make util-linux wrk)
        commands=(nginx)
        ;;
    *) fail "usage: packages.sh runtime|test|fleet|bench" ;;
esac

installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        fail "missing Debian packages, and neither root nor sudo to install them: apt-get install ${missing[*]}"
    fi
}

refresh() {
    [[ ${refreshed:-} ]] && return
    refreshed=yes
    as_root apt-get update -qq
}

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    fail "this is no Debian: install what these Debian packages hold, then run the script of the task by hand: ${packages[*]} ${commands[*]}"
fi

missing=()
for package in "${packages[@]}"; do
    installed "$package" || missing+=("$package")
done
if ((${#missing[@]})); then
    say "installing Debian packages: ${missing[*]}"
    refresh
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
fi

# These are in packages of servers, whose installation starts them, now and at every boot, on port 9090, which is that
# of our own metrics, or 80. So the package is unpacked beside the build, not installed.
for command in "${commands[@]}"; do
    command -v "$command" >/dev/null 2>&1 && continue
    package=prometheus file=usr/bin/$command
    [[ $command == nginx ]] && package=nginx file=usr/sbin/nginx
    say "unpacking $command from Debian's package $package to ${tools#"$root"/}"
    apt-cache show "$package" >/dev/null 2>&1 || refresh
    download=$(mktemp -d)
    (cd "$download" && apt-get download -qq -o APT::Sandbox::User="$(id -un)" "$package")
    dpkg-deb --fsys-tarfile "$download/$package"_*.deb | tar -x -C "$download" "./$file"
    mkdir -p "$tools"
    mv "$download/$file" "$tools/$command"
    rm -rf "$download"
done

# The program of Debian's package redis-server is in redis-tools, under another name; the package would start a service.
if [[ " ${packages[*]} " == *" redis-tools "* ]] && ! command -v redis-server >/dev/null 2>&1; then
    mkdir -p "$tools"
    ln -sf /usr/bin/redis-check-rdb "$tools/redis-server"
fi
