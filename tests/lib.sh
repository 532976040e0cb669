#!/bin/sh
# lib.sh - what the shell tests of the command share. Sourced with $podsim set; prints TAP, the plan comes last
# (done_testing).
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
for variable in $(env | sed -n 's/^\(PODSIM_[A-Z_]*\)=.*/\1/p') NO_COLOR CLICOLOR CLICOLOR_FORCE; do unset "$variable"; done
case $podsim in */*) podsim=$(cd "$(dirname "$podsim")" && pwd)/$(basename "$podsim") ;; esac

n=0
failed=0
ok() { # NAME
    n=$((n + 1))
    echo "ok $n - $1"
}
not_ok() { # NAME
    n=$((n + 1))
    failed=1
    echo "not ok $n - $1"
    sed 's/^/# /' "$work/out" "$work/err" | head -20
}
# exits CODE NAME ARGS...: runs podsim, compares the exit code
exits() {
    want=$1 name=$2
    shift 2
    "$podsim" "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    if [ $got -eq "$want" ]; then ok "$name"; else
        echo "# exit code $got, want $want"
        not_ok "$name"
    fi
}
says() { # out|err TEXT NAME
    if grep -qF -- "$2" "$work/$1"; then ok "$3"; else not_ok "$3"; fi
}
done_testing() {
    echo "1..$n"
    exit $failed
}
