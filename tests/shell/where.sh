#!/bin/sh
# Where diagnostics about scripts point: what `podsim run` says on standard error about each NAME.yaml must be
# NAME.expected, byte for byte. (TAP)
# usage: where.sh PODSIM DIRECTORY [--update]
set -u
podsim=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$2" || exit 99
mode=${3:-}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

echo "1..$(ls ./*.yaml | wc -l | tr -d ' ')"
n=0 failed=0
for file in *.yaml; do
    n=$((n + 1))
    "$podsim" run -o get-pods "$file" >"$work/out" 2>"$work/err"
    code=$?
    [ "$mode" = --update ] && cp "$work/err" "${file%.yaml}.expected"
    if [ $code -eq 0 ] && cmp -s "${file%.yaml}.expected" "$work/err"; then
        echo "ok $n - ${file%.yaml}"
    else
        echo "not ok $n - ${file%.yaml}"
        echo "# exit code $code"
        diff "${file%.yaml}.expected" "$work/err" | sed 's/^/# /'
        failed=1
    fi
done
exit $failed
