#!/bin/sh
# Every scenario has the same trace with and without fast-forward. (TAP)
# usage: both_ways.sh PODSIM SCENARIOS_DIR
podsim=$1
count=0
differ=
for file in $(find "$2" -name '*.yaml' | LC_ALL=C sort); do
    some=$("$podsim" run -q --digest "$file" 2>&1 | tail -n 1)
    all=$("$podsim" run -q --digest --no-fast-forward "$file" 2>&1 | tail -n 1)
    count=$((count + 1))
    [ "$some" = "$all" ] || differ="$differ $file"
done
echo "1..1"
if [ "$count" -gt 0 ] && [ -z "$differ" ]; then
    echo "ok 1 - $count scenarios have the same trace with and without fast-forward"
else
    echo "not ok 1 - $count scenarios have the same trace with and without fast-forward"
    for file in $differ; do echo "# differs: $file"; done
    exit 1
fi
