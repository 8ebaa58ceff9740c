# A PostgreSQL in the folder $1, of the programs in the folder $2, with the further settings $3. It listens on a socket in
# its folder alone. `watched.sh` goes before.
programs=$2 settings=$3

start() {
    # shellcheck disable=SC2086 # settings are several words
    "$programs/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= $settings </dev/null >>"$folder/log" 2>&1 &
    server=$!
    until "$programs/pg_isready" -q -h "$folder" -d postgres; do
        kill -0 "$server" 2>/dev/null || exit 1
        sleep 0.02
    done
}

stop() {
    kill -QUIT "$server" 2>/dev/null || true
    wait "$server" || true
}

all() {
    echo "$server $(cat "/proc/$server/task/$server/children")"
}

"$programs/initdb" -D "$folder/data" -U hearsay -A trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1
watch
