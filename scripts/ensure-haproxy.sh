#!/usr/bin/env bash
# Makes sure that HAProxy is installed: `make replicas` runs it in front of several servers, and so does a test.
# Installs it where it knows how, else says what to do.
set -euo pipefail

# Debian keeps it where the PATH of an ordinary user does not lead.
PATH=$PATH:/usr/sbin:/usr/local/sbin

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

say_what_to_do() {
    cat >&2 <<'WHAT'
HAProxy (2.6 or later) is not here. Install it:
  Debian, Ubuntu  sudo apt-get install haproxy
  Fedora, RHEL    sudo dnf install haproxy
  macOS           brew install haproxy
  others          https://www.haproxy.org
WHAT
    exit 1
}

# Debian's package also starts a service, now and at every boot. We are after the program alone, so while it is
# installed the system is told to start nothing, and afterwards to leave it at that.
policy=/usr/sbin/policy-rc.d

install_with_apt() {
    as_root apt-get update
    if [[ ! -e $policy ]]; then
        trap 'as_root rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends haproxy
    if command -v systemctl >/dev/null; then as_root systemctl disable --quiet haproxy || true; fi
}

command -v haproxy >/dev/null && exit

echo 'HAProxy is not here: installing it.' >&2
if command -v brew >/dev/null; then
    brew install haproxy
elif ((EUID != 0)) && ! command -v sudo >/dev/null; then
    say_what_to_do
elif command -v apt-get >/dev/null; then
    install_with_apt
elif command -v dnf >/dev/null; then
    as_root dnf install --assumeyes haproxy
else
    say_what_to_do
fi

command -v haproxy >/dev/null || say_what_to_do
