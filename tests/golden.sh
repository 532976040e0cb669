#!/bin/sh
# Scenarios against what they are known to print: for every NAME.yaml below the directory, each file
# NAME.FORMAT beside it is what `podsim run -o FORMAT NAME.yaml` must print, byte for byte. (TAP)
# usage: golden.sh PODSIM DIRECTORY [--update | --create]
#   --update   rewrite the expectations that differ; review the diff before you commit it
#   --create   also write NAME.timeline for scenarios that have no expectation yet
set -u
podsim=$1
case $podsim in */*) podsim=$(cd "$(dirname "$podsim")" && pwd)/$(basename "$podsim") ;; esac
cd "$2" || exit 99
mode=${3:-}
formats="timeline get-pods events logs wide jsonl transcript"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

find . -name '*.yaml' | LC_ALL=C sort >"$work/scenarios"
: >"$work/cases"
while read -r file; do
    base=${file%.yaml}
    [ "$mode" = --create ] && [ ! -f "$base.timeline" ] && : >"$base.timeline"
    for format in $formats; do
        [ -f "$base.$format" ] && echo "$file $format" >>"$work/cases"
    done
done <"$work/scenarios"

echo "1..$(wc -l <"$work/cases" | tr -d ' ')"
n=0 failed=0 updated=0
while read -r file format; do
    n=$((n + 1))
    name=${file#./}
    want=${file%.yaml}.$format
    "$podsim" run -o "$format" "$name" >"$work/got" 2>"$work/errors"
    code=$?
    if [ $code -ne 0 ]; then
        echo "not ok $n - ${name%.yaml} $format"
        echo "# exit code $code"
        sed 's/^/# /' "$work/errors"
        failed=$((failed + 1))
    elif cmp -s "$want" "$work/got"; then
        echo "ok $n - ${name%.yaml} $format"
    elif [ -n "$mode" ]; then
        cp "$work/got" "$want"
        echo "ok $n - ${name%.yaml} $format # updated"
        updated=$((updated + 1))
    else
        echo "not ok $n - ${name%.yaml} $format"
        diff -u "$want" "$work/got" | sed '1s/.*/--- expected/; 2s/.*/+++ got/; s/^/# /; 80q'
        failed=$((failed + 1))
    fi
done <"$work/cases"
echo "# $n expectations of $(wc -l <"$work/scenarios" | tr -d ' ') scenarios: $failed differ, $updated updated"
[ "$failed" -eq 0 ]
