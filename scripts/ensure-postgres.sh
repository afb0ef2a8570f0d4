#!/usr/bin/env bash
# Makes sure that the PostgreSQL server programs are installed: the server runs them as its
# embedded database, and so do the tests. Installs them where it knows how, else says what to do.
set -euo pipefail

# The oldest major version that the server takes, and the places it looks at:
# see src/store/embedded/programs.rs.
oldest=14

found() {
    local dir major
    local -a path
    IFS=: read -ra path <<<"$PATH"
    for dir in "${path[@]}" \
        /usr/lib/postgresql/*/bin \
        /usr/pgsql-*/bin \
        /usr/libexec/postgresql* \
        /usr/local/lib/postgresql/*/bin \
        /opt/homebrew/opt/postgresql@*/bin \
        /usr/local/opt/postgresql@*/bin \
        /usr/local/pgsql/bin; do
        [[ -x $dir/initdb && -x $dir/postgres ]] || continue
        major=$("$dir/postgres" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')
        ((major >= oldest)) && return
    done
    return 1
}

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

say_what_to_do() {
    cat >&2 <<EOF
The PostgreSQL server programs (initdb and postgres, version $oldest or later) are not here. Install them:
  Debian, Ubuntu  sudo apt-get install postgresql
  Fedora, RHEL    sudo dnf install postgresql-server
  macOS           brew install postgresql@17
  others          https://www.postgresql.org/download
EOF
    exit 1
}

# Debian's package also makes a cluster named main and starts it, on port 5432 and at every boot.
# We are after its programs alone, so it is told not to while it is installed.
conf=/etc/postgresql-common/createcluster.conf

install_with_apt() {
    as_root apt-get update
    apt_install postgresql-common
    as_root cp -p "$conf" "$conf.saved"
    trap 'as_root mv -f "$conf.saved" "$conf"' EXIT
    as_root pg_conftool "$conf" set create_main_cluster off
    apt_install postgresql
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$1"
}

found && exit

echo 'The PostgreSQL server programs are not here: installing them.' >&2
if command -v brew >/dev/null; then
    brew install postgresql@17
elif ((EUID != 0)) && ! command -v sudo >/dev/null; then
    say_what_to_do
elif command -v apt-get >/dev/null; then
    install_with_apt
elif command -v dnf >/dev/null; then
    as_root dnf install --assumeyes postgresql-server
else
    say_what_to_do
fi

found || say_what_to_do
