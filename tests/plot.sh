#!/bin/sh
# podsim plot: pictures are drawn, the same each time; what is wrong is said. (TAP)
# usage: plot.sh PODSIM SOURCE_ROOT
set -u
podsim=$1
root=$2
. "$root/tests/lib.sh"
cd "$work" || exit 99
rollout=$root/scenarios/workloads/rolling-update-3.yaml
crash=$root/scenarios/seeds/liveness-http.yaml

exits 0 "a script is written without gnuplot" plot --script chart.gp "$rollout"
[ -s chart.gp ] && [ ! -s out ] && grep -q '^\$replicas1 << EOD' chart.gp && grep -q "ready'" chart.gp
result=$?
if [ $result -eq 0 ]; then ok "and has its data in it"; else not_ok "and has its data in it"; fi
(PATH=/nowhere "$podsim" plot -o none.svg "$rollout") >out 2>err
if [ $? -eq 6 ] && grep -q 'apt install gnuplot-nox' err && [ ! -e none.svg ]; then ok "a missing gnuplot is named"; else not_ok "a missing gnuplot is named"; fi

exits 2 "no chart of that name" plot --chart gant "$rollout" -o x.svg
says err 'there is no chart "gant"; want gantt, replicas, endpoints, traffic, restarts' "and which there are"
exits 2 "no such size" plot --size 10x10 "$rollout" -o x.svg
says err 'want slide, article, WIDTH or WIDTHxHEIGHT' "and which there are"
exits 2 "no such kind of picture" plot -o x.jpg "$rollout"
says err 'want a file that ends in .svg or .png' "and which there are"
exits 1 "a chart without anything to show" plot --chart endpoints -o x.svg "$crash"
says err "nothing happens in this run" "is not drawn"
exits 6 "a directory that is not there" plot -o nowhere/x.svg "$crash"

if ! command -v gnuplot >/dev/null; then
    echo "# gnuplot is not installed: nothing is drawn"
    done_testing
fi
for theme in light dark; do
    for file in "$rollout" "$crash"; do
        exits 0 "$(basename "$file") in $theme" plot --theme $theme --size slide "$file"
        cp out first.svg
        exits 0 "and again" plot --theme $theme --size slide "$file"
        if cmp -s out first.svg; then ok "is the same"; else not_ok "is the same"; fi
    done
done
if xmllint --noout first.svg 2>err; then ok "it is XML"; else not_ok "it is XML"; fi
exits 0 "a PNG" plot -o chart.png "$crash"
if [ "$(od -An -tx1 -N4 chart.png | tr -d ' ')" = 89504e47 ]; then ok "is one"; else not_ok "is one"; fi
exits 0 "names that gnuplot might take for its own" plot --title "it's {/Bold x}_2 @ \"100%\"
next" "$crash"
says out "{/Bold x}_2 @" "stay as they are"
done_testing
