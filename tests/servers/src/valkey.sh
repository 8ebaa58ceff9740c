# A Valkey (or Redis) with its files in the folder $1, of the programs $2-server and $2-cli, at the port $3, with the further
# settings $4. It keeps nothing on the disk unless it is told to SAVE. `watched.sh` goes before.
name=$2 port=$3 settings=$4

start() {
    # shellcheck disable=SC2086 # settings are several words
    "$name-server" --bind 127.0.0.1 --port "$port" --dir "$folder" --save '' $settings \
        </dev/null >>"$folder/log" 2>&1 &
    server=$!
    # NOAUTH: it asks for a password.
    until "$name-cli" -p "$port" ping 2>/dev/null | grep -q '^PONG\|^NOAUTH'; do
        kill -0 "$server" 2>/dev/null || exit 1
        sleep 0.02
    done
    # It was this one that answered, and no other that took the port.
    kill -0 "$server" 2>/dev/null || exit 1
}

stop() {
    kill -KILL "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
}

all() {
    echo "$server"
}

watch
