#!/bin/sh
# podsim doctest on documents that are right, and that are not: NAME.md has to give NAME.expected, which ends with the
# exit code. NAME.updated is what --update makes of it. (TAP)
# usage: doctest.sh PODSIM DIRECTORY [--update]
set -u
podsim=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
update=${3:-}
cd "$2" || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp"
export TMPDIR="$work/tmp"
unset CI
count=$(ls ./*.md | wc -l)
echo "1..$((2 * count + 2))"
n=0
failed=0
result() { # STATUS NAME
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else
        failed=1
        echo "not ok $n - $2"
        sed 's/^/# /' "$work/diff"
    fi
}
same() { # EXPECTED GOT NAME
    if [ "$update" ]; then cp "$2" "$1"; fi
    diff -u "$1" "$2" >"$work/diff"
    result $? "$3"
}
for file in *.md; do
    name=${file%.md}
    "$podsim" doctest --no-times --verbose "$file" >"$work/out" 2>&1
    echo "exit code $?" >>"$work/out"
    same "$name.expected" "$work/out" "$file"
    cp "$file" "$work/$file"
    (cd "$work" && "$podsim" doctest --update "$file") >"$work/diff" 2>&1
    if [ -f "$name.updated" ]; then
        same "$name.updated" "$work/$file" "$file, updated"
    else
        cmp "$file" "$work/$file" >>"$work/diff"
        result $? "$file has nothing to update"
    fi
done
cp differs.md "$work/ci.md"
CI=true "$podsim" doctest --update "$work/ci.md" >"$work/diff" 2>&1
code=$?
if [ $code -eq 2 ] && cmp differs.md "$work/ci.md"; then result 0 "no updates in CI"; else result 1 "no updates in CI"; fi
ls "$TMPDIR" >"$work/diff"
if [ -s "$work/diff" ]; then result 1 "nothing is left behind"; else result 0 "nothing is left behind"; fi
exit $failed
