
# The end of each server's script, which has said what `start`, `stop` and `all` (its processes) are. Obeys words on its input,
# answers each with "ready", and goes, the folder too, when that ends: with the test, however the test ends.
start
echo ready
while read -r word; do
    case $word in
        stop) stop ;;
        start) start ;;
        # shellcheck disable=SC2046 # several processes
        freeze) kill -STOP $(all) ;;
        # shellcheck disable=SC2046
        thaw) kill -CONT $(all) ;;
    esac
    echo ready
done
# shellcheck disable=SC2046
kill -CONT $(all) 2>/dev/null || true
stop
rm -rf "$folder"
