#!/bin/sh
# Every scenario has the same trace with and without fast-forward. (TAP)
# usage: both_ways.sh PODSIM SCENARIOS_DIR
podsim=$1
count=0
differ=
digest() { "$podsim" run -q --digest "$@" 2>&1 | tail -n 1; }
compare() { # FILE [--set NAME=VALUE]...
    some=$(digest "$@")
    all=$(digest --no-fast-forward "$@")
    count=$((count + 1))
    case $some in "digest: "*) ;; *) differ="$differ $1" ;; esac
    [ "$some" = "$all" ] || differ="$differ $1"
}
for file in $(find "$2" -name '*.yaml' | LC_ALL=C sort); do
    cases=
    if grep -qF "\${{" "$file" && ! grep -q '^kind: Scenario' "$file"; then
        continue # nothing on its own: a scenario includes it
    fi
    if grep -q '^  parameters:' "$file"; then # FILE[a=1,b=2] is --set a=1 --set b=2
        cases=$("$podsim" test --list "$file" | sed -n 's/^[^[]*\[\(.*\)\].*/--set \1/p' | sed 's/,/ --set /g')
    fi
    if [ -z "$cases" ]; then
        compare "$file"
        continue
    fi
    while read -r settings; do
        # shellcheck disable=SC2086 # values of the gallery are single words
        compare "$file" $settings </dev/null
    done <<END
$cases
END
done
echo "1..1"
if [ "$count" -gt 0 ] && [ -z "$differ" ]; then
    echo "ok 1 - $count scenarios have the same trace with and without fast-forward"
else
    echo "not ok 1 - $count scenarios have the same trace with and without fast-forward"
    for file in $differ; do echo "# differs: $file"; done
    exit 1
fi
