# shellcheck shell=bash
#
# Sourced by the scripts that need a server of their own: starts one with a fresh embedded database
# in a temporary directory, and leaves nothing of either behind.
#
#     start_server PROGRAM [LISTEN [ARGUMENT…]]   sets $url
#     mint_token SUBJECT              prints a token that may do everything

# The database of other work must not be filled, and `stop_server` kills what this names.
unset DATABASE_URL server

start_server() {
    local listen=${2:-127.0.0.1:0}
    program=$1
    # As root, the server runs Postgres as another user, who has to get past this directory.
    work_dir=$(mktemp -d "${TMPDIR:-/tmp}/stationmaster.XXXXXX")
    chmod 755 "$work_dir"
    trap stop_server EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM

    "$program" serve --listen "$listen" --data-dir "$work_dir/data" --shutdown-delay 0s "${@:3}" \
        >"$work_dir/stdout" 2>"$work_dir/log" &
    server=$!
    # Its one line on stdout says that it is ready, and where.
    until url=$(sed -n 's/^listening on //p' "$work_dir/stdout") && [[ -n $url ]]; do
        if ! kill -0 "$server" 2>/dev/null; then
            echo 'The server did not start:' >&2
            cat "$work_dir/log" >&2
            exit 1
        fi
        sleep 0.1
    done
}

stop_server() {
    if [[ -n ${server:-} ]]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work_dir"
}

mint_token() {
    "$program" token --data-dir "$work_dir/data" --subject "$1" --ttl 1d \
        --scope 'versions:publish clusters:read clusters:write audit:read'
}
