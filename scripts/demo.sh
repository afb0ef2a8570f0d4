#!/usr/bin/env bash
# Starts a fresh server, fills it with real releases and 500 simulated clusters, and leaves it
# running for a look. Nothing stays when it ends.
#
#     LISTEN=127.0.0.1:8080   where to listen; by default a free port
#     DEMO_EXIT=1             end after the filling
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/server.sh

cargo build --release
cargo build --release -p stationmaster-client --example deis

start_server "${CARGO_TARGET_DIR:-target}/release/stationmaster" "${LISTEN:-}"
token=$(mint_token demo)
cargo run --quiet --release -p stationmaster-client --example deis -- --url "$url" --token "$token"

cat <<EOF

The server is at $url. For a look:
  $url/docs
  $url/v4/versions
  $url/v4/versions/deis-router/stable/latest

With the token (good for a day), for example the oldest clusters but those of CI:
  token='$token'
  curl -H "Authorization: Bearer \$token" '$url/v4/clusters/age?not_label=ci&limit=5'

Its log is $work_dir/log.
EOF

[[ -z ${DEMO_EXIT:-} ]] || exit 0
echo 'Ctrl-C stops it and removes its data.'
wait "$server"
