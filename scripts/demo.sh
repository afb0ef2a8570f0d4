#!/usr/bin/env bash
# Starts a fresh server, fills it with real releases and two years of a simulated fleet, and leaves
# it running for a look. Nothing stays when it ends.
#
#     LISTEN=127.0.0.1:8080   where to listen; by default a free port
#     CLUSTERS=400            how many clusters there have ever been; 4000 by default
#     SEED=7                  another fleet
#     DEMO_EXIT=1             end after the filling
#
# PROFILE=dev uses a debug build, as tests do.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/server.sh

profile=${PROFILE:-release}
cargo build --profile "$profile" --bin stationmaster --example demo-fleet
built=${CARGO_TARGET_DIR:-target}/${profile/#dev/debug}

step() {
    local began=$SECONDS
    printf '── %s\n' "$1"
    "${@:2}"
    printf '   %d s\n' $((SECONDS - began))
}

step 'Starting a server with an embedded database' start_server "$built/stationmaster" "${LISTEN:-}"
token=$(mint_token demo)

step 'Publishing releases, and writing the history of a fleet' \
    env STATIONMASTER_TOKEN="$token" "$built/examples/demo-fleet" --url "$url" --data-dir "$work_dir/data" \
    ${CLUSTERS:+--clusters "$CLUSTERS"} ${SEED:+--seed "$SEED"}

cat <<END

The dashboard is at $url/ and asks for a token (good for a day):
  $token

Who is still on v2.13 or older, and is it shrinking?
  $url/?component=deis-workflow&still=v2.13.0

For a look besides:
  $url/docs
  $url/v4/versions
  $url/v4/versions/deis-router/stable/latest

With the token, for example the oldest clusters but those of CI:
  token='$token'
  curl -H "Authorization: Bearer \$token" '$url/v4/clusters/age?not_label=ci&limit=5'

The server's log is $work_dir/log.
END

[[ -z ${DEMO_EXIT:-} ]] || exit 0
echo 'Ctrl-C stops it and removes its data.'
wait "$server"
