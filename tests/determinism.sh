#!/bin/sh
# The same scenario gives the same bytes with gcc and clang, at -O0 and -O3, twice in a row.
# usage: determinism.sh SOURCE_ROOT BUILD_ROOT   (TAP)
set -eu
source=$1
work=$2/variants
mkdir -p "$work"

build() { # NAME COMPILER OPTIMISATION
    [ -f "$work/$1/build.ninja" ] || CC=$2 meson setup "$work/$1" "$source" -Doptimization="$3" >"$work/$1.log" 2>&1
    ninja -C "$work/$1" tools/podsim >>"$work/$1.log" 2>&1 || { tail -20 "$work/$1.log" | sed 's/^/# /'; exit 1; }
}

# Everything a run can print, for every scenario of the gallery, and its digest; two seeds.
outputs() { # BINARY
    cd "$source"
    for file in scenarios/*/*.yaml; do
        for form in jsonl get-pods timeline; do
            "$1" run -o $form "$file" || echo "exit $?"
        done
        "$1" run --profile jittered --seed 7 --digest -o events "$file" || echo "exit $?"
    done
}

variants="gcc-O0 gcc-O3"
command -v clang >/dev/null && variants="$variants clang-O0 clang-O3"
count=1
for v in $variants; do count=$((count + 1)); done
echo "1..$count"

n=0
first=
for v in $variants; do
    build "$v" "${v%-O*}" "${v#*-O}"
    outputs "$work/$v/tools/podsim" >"$work/$v.out" 2>&1
    n=$((n + 1))
    if [ -z "$first" ]; then
        first=$v
        outputs "$work/$v/tools/podsim" >"$work/again.out" 2>&1
        if cmp "$work/$v.out" "$work/again.out" >&2; then echo "ok $n - two runs of $v give the same bytes"
        else echo "not ok $n - two runs of $v give the same bytes"; fi
        n=$((n + 1))
    fi
    if [ -s "$work/$v.out" ] && cmp "$work/$first.out" "$work/$v.out" >&2; then echo "ok $n - $v gives the bytes of $first"
    else echo "not ok $n - $v gives the bytes of $first"; fi
done
