#!/usr/bin/env bash
# Puts exactly one version of a cargo tool at DIR/bin/NAME:
#
#     install-cargo-tool.sh NAME VERSION DIR/bin/NAME
set -euo pipefail
name=$1 version=$2 target=$3

installed=$(command -v "$name" || true)
if [[ -n $installed && " $("$installed" --version) " == *" $version "* ]]; then
    mkdir -p "$(dirname "$target")"
    ln -sf "$installed" "$target"
    exit
fi

# It will run for a second or two: quick to build matters more than quick to run.
export CARGO_PROFILE_RELEASE_OPT_LEVEL=1
export CARGO_PROFILE_RELEASE_LTO=off
export CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
cargo install --locked --root "$(dirname "$(dirname "$target")")" --version "$version" "$name"
