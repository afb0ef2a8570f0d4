#!/usr/bin/env bash
# Runs three servers on one database, with HAProxy in front as docs/haproxy.cfg sets it up, for a look at how replicas
# behave. A server that ends is started again. Nothing stays when this ends.
#
#     LISTEN=127.0.0.1:8080   where HAProxy listens; the servers are on ports 8081 to 8083
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/server.sh

export LISTEN=${LISTEN:-127.0.0.1:8080}
# Debian keeps HAProxy where the PATH of an ordinary user does not lead.
PATH=$PATH:/usr/sbin:/usr/local/sbin

cargo build --release

# A fourth server, which gets no requests, brings the database along, so that any of the three may be stopped.
start_server "${CARGO_TARGET_DIR:-target}/release/stationmaster"
token=$(mint_token replicas)

# The replicas share the directory for the sake of the token key.
keep_running() {
    # A replica keeps nothing that would have to be saved.
    trap 'kill -KILL "$replica"; exit' TERM
    while :; do
        "$program" serve --listen "127.0.0.1:808$1" --data-dir "$work_dir/data" --database-url "$database" \
            >>"$work_dir/replica-$1.log" 2>&1 &
        replica=$!
        echo "$replica" >"$work_dir/replica-$1.pid"
        wait "$replica" || sleep 1
    done
}

stop_all() {
    if ((${#running[@]})); then { kill "${running[@]}" && wait "${running[@]}"; } 2>/dev/null || true; fi
    stop_server
}
running=()
trap stop_all EXIT

database="postgres://stationmaster@/postgres?host=$work_dir/data/run&port=5432"
for number in 1 2 3; do
    keep_running "$number" &
    running+=($!)
done
for number in 1 2 3; do
    until curl -sf "http://127.0.0.1:808$number/healthz" >/dev/null; do
        if grep -h 'cannot listen' "$work_dir/replica-$number.log" >&2; then exit 1; fi
        sleep 0.1
    done
done

cat <<WHAT

HAProxy is at http://$LISTEN, in front of three servers on ports 8081, 8082 and 8083. To try, in another terminal:

  # Publish on the first, read on the third.
  token='$token'
  curl -X POST http://127.0.0.1:8081/v4/versions/deis-router/stable/v2.11.0 \\
    -H "Authorization: Bearer \$token" -H 'Content-Type: application/json' -d '{}'
  curl http://127.0.0.1:8083/v4/versions/deis-router/stable/latest

  # Ask HAProxy a thousand times, and count the answers by status. Meanwhile, stop one server after another: each is
  # started again when it has ended.
  for n in {1..1000}; do
    curl -so /dev/null -w '%{http_code}\\n' http://$LISTEN/v4/versions; sleep 0.02
  done | sort | uniq -c
  kill \$(cat $work_dir/replica-1.pid)

The logs are $work_dir/replica-*.log. Below, HAProxy tells how the servers are doing. Ctrl-C stops all.

WHAT

# In the foreground it says on stderr what it logs on stdout.
haproxy -db -f docs/haproxy.cfg >/dev/null &
running+=($!)
wait $!
