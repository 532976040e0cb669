#!/bin/sh
# The timeline that the README shows is the one that its first command prints. (TAP)
# usage: readme.sh PODSIM SOURCE_ROOT
podsim=$1
case $podsim in */*) podsim=$(cd "$(dirname "$podsim")" && pwd)/$(basename "$podsim") ;; esac
cd "$2" || exit 99
echo "1..1"
shown=$(awk '/^```text$/ { on = 1; next } /^```$/ { on = 0 } on' README.md)
printed=$("$podsim" run scenarios/seeds/liveness-exec.yaml)
if [ -n "$shown" ] && [ "$shown" = "$printed" ]; then
    echo "ok 1 - the README's timeline is what podsim prints"
else
    echo "not ok 1 - the README's timeline is what podsim prints"
    exit 1
fi
