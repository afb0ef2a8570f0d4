#!/usr/bin/env bash
# Checks the dashboard: how its files are written, their types, what they compute; and then all of it
# in a browser, on real servers with a fleet like that of `make demo`.
#
#     ONLY=numbers,theme      only these files of tests/browser
#     SCREENSHOTS=1           take the pictures in docs/screenshots instead
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/server.sh

tools=.tools/browser/node_modules/.bin
if [[ -z ${SCREENSHOTS:-} ]]; then
    "$tools/prettier" --config dashboard/.prettierrc.json --log-level warn --check \
        'dashboard/**/*.{html,css,js,ts}' '!dashboard/assets/vendor/**' 'tests/browser/**/*.js'
    "$tools/tsc" -p tests/browser/tsconfig.json
    node --test --test-reporter=dot dashboard/tests/
fi

cargo build --bin stationmaster --example demo-fleet
built=${CARGO_TARGET_DIR:-target}/debug

# The same fleet twice, for those with a token alone and for all, and a server that nobody has called yet.
STATIONMASTER_TOKEN_KEY=$(head -c 32 /dev/urandom | base64)
export STATIONMASTER_TOKEN_KEY
start_server "$built/stationmaster"
CLOSED_URL=$url
TOKEN=$(mint_token browser)
WEAK_TOKEN=$(mint_token browser versions:publish)
STATIONMASTER_TOKEN=$TOKEN "$built/examples/demo-fleet" --url "$CLOSED_URL" --data-dir "$work_dir/data" \
    --clusters "${CLUSTERS:-500}"
start_another open --public-insight --database-url "postgres://stationmaster@/postgres?host=$work_dir/data/run&port=5432"
OPEN_URL=$url
start_another empty --public-insight
EMPTY_URL=$url
CHROMIUM=$(scripts/ensure-chromium.sh)
export CLOSED_URL OPEN_URL EMPTY_URL TOKEN WEAK_TOKEN CHROMIUM

if [[ -n ${SCREENSHOTS:-} ]]; then
    node tests/browser/screenshots.js docs/screenshots
    exit
fi
tests=(tests/browser/*.test.js)
if [[ -n ${ONLY:-} ]]; then
    IFS=, read -ra names <<<"$ONLY"
    tests=("${names[@]/%/.test.js}")
    tests=("${tests[@]/#/tests/browser/}")
fi
node --test --test-reporter=spec --test-concurrency=2 "${tests[@]}"
