#!/usr/bin/env bash
# Checks for what cargo needs besides itself. Postgres' client library and OpenSSL are built from
# source, with a C compiler, make and perl.
set -euo pipefail

missing=()
for program in cc make perl; do
    command -v "$program" >/dev/null || missing+=("$program")
done

if ! command -v cargo >/dev/null; then
    echo 'Rust is missing. Install it with rustup: https://rustup.rs' >&2
    exit 1
fi

if ((${#missing[@]})); then
    echo "Needed to build, and not here: ${missing[*]}" >&2
    case $(uname) in
        Darwin) echo 'Install them with: xcode-select --install' >&2 ;;
        *)
            echo 'Install them with, on Debian or Ubuntu: sudo apt-get install build-essential perl' >&2
            echo '                    on Fedora or RHEL: sudo dnf install gcc make perl' >&2
            ;;
    esac
    exit 1
fi
