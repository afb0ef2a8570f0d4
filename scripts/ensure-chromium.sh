#!/usr/bin/env bash
# Makes sure that there is a browser to test the dashboard in, Chromium or Chrome, and prints where it is. Installs it
# where it knows how, else says what to do.
#
#     CHROMIUM=/opt/chrome/chrome   take this one
set -euo pipefail

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

say_what_to_do() {
    cat >&2 <<'WHAT'
A browser to test the dashboard in, Chromium or Chrome, is not here. Install one, or say where it is (CHROMIUM=…):
  Debian          sudo apt-get install chromium
  Fedora          sudo dnf install chromium
  macOS           brew install --cask chromium
  others          https://www.google.com/chrome
WHAT
    exit 1
}

found() {
    local program
    for program in "${CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome \
        '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome' \
        /Applications/Chromium.app/Contents/MacOS/Chromium; do
        [[ -n $program ]] && command -v "$program" && return
    done
    return 1
}

found && exit
[[ -z ${CHROMIUM:-} ]] || say_what_to_do

# Ubuntu's package of that name only fetches a snap.
if ! grep -qs '^ID=debian' /etc/os-release || { ((EUID != 0)) && ! command -v sudo >/dev/null; }; then
    say_what_to_do
fi
echo 'Chromium is not here: installing it.' >&2
as_root apt-get update >&2
as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium fonts-liberation >&2

found || say_what_to_do
