# The beginning of each server's script, which says what `start`, `stop` and `all` (its processes) are, and then calls `watch`.
# Whatever happens, the server goes in the end, and its folder $1 too.
set -eu
folder=$1
server=

finish() {
    trap - EXIT
    if [ -n "$server" ]; then
        # shellcheck disable=SC2046 # several processes
        kill -CONT $(all) 2>/dev/null || true
        stop
    fi
    rm -rf "$folder"
}
trap finish EXIT
# Who reads the answers may be gone: that is an error as any other, and no sudden end.
trap '' PIPE

# Obeys words on its input, answers each with "ready", and returns when that ends: with the test, however the test ends.
watch() {
    start
    echo ready
    while read -r word; do
        case $word in
            stop) stop ;;
            start) start ;;
            # shellcheck disable=SC2046
            freeze) kill -STOP $(all) ;;
            # shellcheck disable=SC2046
            thaw) kill -CONT $(all) ;;
        esac
        echo ready
    done
}

