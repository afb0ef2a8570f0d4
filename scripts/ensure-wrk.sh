#!/usr/bin/env bash
# Makes sure that wrk is installed: the load generator of `make bench`. Installs it where it knows
# how, else says what to do.
set -euo pipefail

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

say_what_to_do() {
    cat >&2 <<EOT
wrk, the load generator, is not here. Install it:
  Debian, Ubuntu  sudo apt-get install wrk
  others          https://github.com/wg/wrk
EOT
    exit 1
}

found() {
    command -v wrk >/dev/null
}

found && exit

if ! command -v apt-get >/dev/null || { ((EUID != 0)) && ! command -v sudo >/dev/null; }; then
    say_what_to_do
fi
echo 'wrk is not here: installing it.' >&2
as_root apt-get update
as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends wrk

found || say_what_to_do
