#!/bin/sh
# Installs the Debian packages of debian-packages.txt that are missing: nothing to do, nothing done, no root needed.
set -eu

list="$(dirname "$0")/debian-packages.txt"
missing=""
if command -v dpkg-query >/dev/null 2>&1; then
    for package in $(sed 's/#.*//' "$list"); do
        status="$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)"
        [ "$status" = installed ] || missing="$missing $package"
    done
else
    echo "make: this machine has no dpkg, so it is no Debian; install what $list names by hand, then run:" >&2
    echo "    make DEBIAN_PACKAGES=by-hand" >&2
    exit 2
fi
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "make: missing Debian packages; as root run: apt-get install$missing" >&2
        exit 2
    fi
    as_root="sudo"
fi
echo "==> installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -q update || {
    echo "make: apt-get update failed: look at this machine's network and /etc/apt/sources.list" >&2
    exit 2
}
# shellcheck disable=SC2086  # a list of words on purpose
$as_root apt-get -q install -y --no-install-recommends $missing || {
    echo "make: these could not be installed; mend it with: apt-get install$missing" >&2
    exit 2
}
