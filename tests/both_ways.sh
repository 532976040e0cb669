#!/bin/sh
# Every scenario has the same trace with and without fast-forward. (TAP)
# usage: both_ways.sh PODSIM SCENARIOS_DIR
podsim=$1
scenarios=$2
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# ID and fingerprint of every case
traces() {
    "$podsim" test --json - --no-times --ci "$@" "$scenarios" |
        sed -n 's/^{"id":"\([^"]*\)".*"fingerprint":"\([0-9a-f]*\)".*/\1 \2/p'
}
traces >"$work/some"
traces --no-fast-forward >"$work/all"
count=$(wc -l <"$work/some")
cases=$("$podsim" test --list "$scenarios" | wc -l)
echo "1..1"
if [ "$count" -gt 0 ] && [ "$count" -eq "$cases" ] && cmp -s "$work/some" "$work/all"; then
    echo "ok 1 - $count scenarios have the same trace with and without fast-forward"
else
    echo "not ok 1 - $cases scenarios have the same trace with and without fast-forward"
    diff "$work/some" "$work/all" | sed 's/^/# /'
    exit 1
fi
