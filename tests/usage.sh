#!/bin/sh
# Wrong command lines: each line "podsim ..." of usage.txt must say what stands below it, show the usage of its command,
# print nothing else, and exit with 2. (TAP)
# usage: usage.sh PODSIM SOURCE_ROOT [--update]
set -u
podsim=$1
root=$2
update=${3:-}
. "$root/tests/lib.sh"
while IFS= read -r line; do
    case $line in podsim*) ;; *) continue ;; esac
    read -r want
    arguments=${line#podsim}
    eval "\"\$podsim\" $arguments" >"$work/out" 2>"$work/err" </dev/null
    code=$?
    said=$(head -n 1 "$work/err")
    if [ "$update" ]; then
        printf '%s\n    %s\n' "$line" "$said" >>"$work/new"
        continue
    fi
    usage=$(sed -n '2s/^Usage: podsim .*/usage/p; 3s/^Try "podsim help.*"\.$/try/p; 4s/.*/more/p' "$work/err" | tr '\n' ' ')
    if [ $code -eq 2 ] && ! [ -s "$work/out" ] && [ "$said" = "$want" ] && [ "$usage" = "usage try " ]; then
        ok "$line"
    else
        echo "# exit code $code, want 2; want: $want"
        not_ok "$line"
    fi
done <"$root/tests/usage.txt"
[ "$update" ] && grep '^#' "$root/tests/usage.txt" >"$work/head" && cat "$work/head" "$work/new" >"$root/tests/usage.txt"
done_testing
