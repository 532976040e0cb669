#!/bin/sh
# What compilers miss: layers, banned names, headers that do not stand alone, stray tags. (TAP)
# usage: tidy.sh SOURCE_ROOT CC
cd "$1" || exit 99
cc=$2
echo "1..7"
n=0
check() { # NAME OFFENDERS
    n=$((n + 1))
    if [ -z "$2" ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        echo "$2" | head -20 | sed 's/^/# /'
        failed=1
    fi
}
failed=0

# tools -> report -> model -> sim, one way; report sees the trace and the objects in it, nothing live.
check "includes point down" "$(
    grep -nE '#include "(model|report|tools)/' sim/*.[ch]
    grep -nE '#include "(report|tools)/' model/*.[ch]
    grep -nE '#include "tools/' report/*.[ch]
    grep -nE '#include "model/' report/*.[ch] |
        grep -vE '"model/(trace|expectation|jsonpath|printer|pod_logs|api_core|api_apps|api_batch|api_sets|api_policy|apitype|value|diag|quantity|classes|feature_gates)\.h"')"

check "the engine does not know Kubernetes" "$(grep -niE '\b(pod|kubelet|container|kubernetes)s?\b' sim/*.[ch])"

# Wall clock, environment, locale and randomness of the machine would change the bytes of a run.
check "no source of nondeterminism below tools/" "$(
    grep -nE '\b(rand|srand|random|time|gettimeofday|clock_gettime|localtime|gmtime|getenv|setlocale|strtod|atof) ?\(|\b(double|float)\b' \
        sim/*.c model/*.c report/*.c | grep -vE '^[^:]*:[0-9]*: *(/?\*|//)|/\*.*\b(time|float|double)\b|"[^"]*\b(time|float|double|rand)\b')"

# A run's memory is its arena.
check "model/ allocates from arenas only" "$(grep -nwE 'malloc|calloc|realloc|free' model/*.c | grep -vE '/?\*.*\b(malloc|free|calloc|realloc)\b|"[^"]*\bfree\b')"

headers=$(for h in sim/*.h model/*.h report/*.h tools/*.h; do
    echo "#include \"$h\"" | $cc -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -I. -fsyntax-only -x c - 2>&1 |
        head -3
done)
check "every header compiles alone" "$headers"

check "no stray tags" "$(grep -nE 'XXX|FIXME|TODO' sim/*.[ch] model/*.[ch] report/*.[ch] tools/*.[ch])"

check "every decision table is in the coverage report" "$(
    grep -ohE '^COVER_TABLE\([a-z_]+' model/*.c | sed 's/.*(//' | while read -r id; do
        grep -q "T($id)" model/cover_tables.c || echo "$id"
    done)"
exit $failed
