# shellcheck shell=bash
#
# Sourced by the scripts that need a server of their own: starts one with a fresh embedded database
# in a temporary directory, and leaves nothing of either behind.
#
#     start_server PROGRAM [LISTEN [ARGUMENT…]]   sets $url
#     start_another NAME [ARGUMENT…]  one more beside it, with a directory of its own; sets $url
#     mint_token SUBJECT [SCOPES]     prints a token that may do everything, or this

# The database of other work must not be filled, and `stop_server` kills what these name.
unset DATABASE_URL server
others=

start_server() {
    program=$1
    # As root, the server runs Postgres as another user, who has to get past this directory.
    work_dir=$(mktemp -d "${TMPDIR:-/tmp}/stationmaster.XXXXXX")
    chmod 755 "$work_dir"
    trap stop_server EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    launch "$work_dir" --listen "${2:-127.0.0.1:0}" "${@:3}"
    server=$launched
    await_server "$work_dir" "$server"
}

start_another() {
    mkdir -m 755 "$work_dir/$1"
    launch "$work_dir/$1" --listen 127.0.0.1:0 "${@:2}"
    others+=" $launched"
    await_server "$work_dir/$1" "$launched"
}

launch() {
    : >"$1/stdout"
    "$program" serve --data-dir "$1/data" --shutdown-delay 0s "${@:2}" >"$1/stdout" 2>"$1/log" &
    launched=$!
}

# Its one line on stdout says that it is ready, and where.
await_server() {
    until url=$(sed -n 's/^listening on //p' "$1/stdout") && [[ -n $url ]]; do
        if ! kill -0 "$2" 2>/dev/null; then
            echo 'The server did not start:' >&2
            cat "$1/log" >&2
            exit 1
        fi
        sleep 0.1
    done
}

stop_server() {
    # Others may use the database of the first one.
    for each in $others ${server:-}; do
        kill "$each" 2>/dev/null || true
        wait "$each" 2>/dev/null || true
    done
    rm -rf "$work_dir"
}

mint_token() {
    "$program" token --data-dir "$work_dir/data" --subject "$1" --ttl 1d \
        --scope "${2:-versions:publish clusters:read clusters:write audit:read}"
}
