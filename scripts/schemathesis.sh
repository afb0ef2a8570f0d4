#!/usr/bin/env bash
# Walks a running server from its OpenAPI documents: sends what they allow and what they forbid, and
# holds every answer against them. tests/schemathesis*.toml say how far it goes; with LONG=1 it goes
# further, and follows what it made from one request to the next.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/server.sh

cargo build --workspace --bin stationmaster
export DOCTOR_AUTH_USER=doc DOCTOR_AUTH_PASS=secret
# A few clusters check in all the time.
start_server "${CARGO_TARGET_DIR:-target}/debug/stationmaster" '' --limit-cluster off

STATIONMASTER_TOKEN=$(mint_token schemathesis)
# What Hypothesis caches goes to the tools, not into the checkout.
HYPOTHESIS_STORAGE_DIRECTORY=.tools/hypothesis
export STATIONMASTER_TOKEN HYPOTHESIS_STORAGE_DIRECTORY

phases=examples,coverage,fuzzing
options=()
if [[ -n ${LONG:-} ]]; then
    phases+=,stateful
    options=(--max-examples 400)
fi

status=0
walk() {
    "${SCHEMATHESIS:-schemathesis}" --config-file "$1" run --url "$url" --phases "$phases" "${options[@]}" "$2" ||
        status=$?
}
walk tests/schemathesis.toml openapi/v4.yaml
walk tests/schemathesis-legacy.toml openapi/legacy.yaml

if ((status)); then
    echo "The last lines of the server's log:" >&2
    tail -n 20 "$work_dir/log" >&2
fi
exit "$status"
