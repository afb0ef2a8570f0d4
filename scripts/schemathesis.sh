#!/usr/bin/env bash
# Walks a running server from its OpenAPI document: sends what the document allows and what it
# forbids, and holds every answer against it. tests/schemathesis.toml says how far it goes.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/server.sh

cargo build --workspace --bin stationmaster
start_server "${CARGO_TARGET_DIR:-target}/debug/stationmaster"

STATIONMASTER_TOKEN=$(mint_token schemathesis)
# What Hypothesis caches goes to the tools, not into the checkout.
HYPOTHESIS_STORAGE_DIRECTORY=.tools/hypothesis
export STATIONMASTER_TOKEN HYPOTHESIS_STORAGE_DIRECTORY

status=0
"${SCHEMATHESIS:-schemathesis}" --config-file tests/schemathesis.toml \
    run --url "$url" openapi/v4.yaml || status=$?

if ((status)); then
    echo "The last lines of the server's log:" >&2
    tail -n 20 "$work_dir/log" >&2
fi
exit "$status"
