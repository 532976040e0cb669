#!/bin/sh
# The life of expected timelines on the command line: created, compared, rewritten, listed as obsolete, removed; and what
# never happens: a change in CI, a change of what was not chosen, half a file. (TAP)
# usage: goldens.sh PODSIM SCENARIOS_DIR
podsim=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
scenarios=$(cd "$2" && pwd)
work=$(mktemp -d) || exit 99
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 99
unset CI
n=0 failed=0

# check NAME: the last command's success; its output is in ./out, beside the directory that is tested
check() {
    result=$?
    n=$((n + 1))
    if [ $result -eq 0 ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        sed 's/^/# /' "$work/out"
        failed=1
    fi
}
# gives CODE ARGUMENTS...: podsim test ARGUMENTS in ./t, output without wall times
gives() {
    want=$1
    shift
    (cd "$work/t" && "$podsim" test --no-times "$@") >"$work/out" 2>&1
    code=$?
    [ $code -eq "$want" ] || echo "(exit code $code, want $want)" >>"$work/out"
    [ $code -eq "$want" ]
}
says() { grep -qF -- "$1" "$work/out"; }
# Of ./t: names and contents.
state() { (cd "$work/t" && ls -A && cat ./*); }
anew() {
    rm -rf "$work/t"
    mkdir "$work/t"
    cp "$scenarios/basics/plain-start.yaml" "$scenarios/basics/exit-zero-loop.yaml" "$work/t"
}

anew
gives 3 plain-start.yaml && says "not a test: it contains no Scenario, and no expected timeline is beside it"
check "a manifest alone is no test"
gives 0 --create timeline,events plain-start.yaml && says "plain-start.timeline: created" && says "plain-start.events: created"
check "the first expected timelines of a file are created"
(cd t && "$podsim" run -q plain-start.yaml) | cmp -s - t/plain-start.timeline
check "they are what podsim run prints"
gives 0 --create timeline plain-start.yaml && ! says created
check "what is there is not created again"
gives 0 . && says "ok   plain-start.yaml      2 checks"
check "a file with expected timelines is a test"

sed 's/   2\.785s/   3.785s/' t/plain-start.timeline >x && cat x >t/plain-start.timeline
chmod 600 t/plain-start.timeline
gives 1 . && says "container nginx started at 2.785 s, expected at 3.785 s (-1.0 s)" && says "plain-start.timeline:6"
check "a difference is told by what it means, with its line"
says "-    3.785s  pod/web  container nginx started" && says "+    2.785s  pod/web  container nginx started"
check "then as a unified diff"
(cd t && "$podsim" run -q plain-start.yaml) | cmp -s - t/plain-start.timeline.actual
check "what was printed is beside it"
gives 0 --tolerance 1s .
check "a tolerance lets it pass"
[ ! -e t/plain-start.timeline.actual ]
check "when it passes, .actual goes"
gives 1 --tolerance 999ms .
check "a smaller tolerance does not"
gives 0 --ignore time .
check "a column can be ignored"
gives 0 --ignore 'pod/web * started' .
check "so can rows"
gives 2 --ignore tme . && says 'did you mean "time"?'
check "a column that is none is an error"
rm -f t/*.actual
gives 1 --no-actual . && [ ! -e t/plain-start.timeline.actual ]
check "--no-actual writes none"

before=$(state)
CI=true gives 1 . && [ "$before" = "$(state)" ]
check "in CI nothing is written"
CI=true gives 2 --update . && says "--update: expected timelines are not changed in CI" && [ "$before" = "$(state)" ]
check "in CI nothing is updated"
gives 2 --update --ci . && [ "$before" = "$(state)" ]
check "nor with --ci"
CI=true gives 2 --prune . && CI=true gives 2 --create logs .
check "nor created, nor removed"
gives 2 --update --seed 3 . && says "cannot be combined with --seed" && [ "$before" = "$(state)" ]
check "another run is no reason to update"
gives 0 --seed 3 -v . && says "plain-start.timeline: not compared: --seed makes another run of it"
check "nor is it compared"
gives 2 -k nothing --update . && [ "$before" = "$(state)" ]
check "what was not chosen is not updated"
gives 4 --limit-events 5 --update . && [ "$before" = "$(state)" ]
check "nor is what did not run to its end"

inode=$(ls -i t/plain-start.events)
gives 0 --update . && says "plain-start.timeline: rewritten" && says "1 expected timeline written"
check "an update is told"
(cd t && "$podsim" run -q plain-start.yaml) | cmp -s - t/plain-start.timeline
check "it is what podsim run prints"
[ "$(stat -c %a t/plain-start.timeline)" = 600 ]
check "the mode is kept"
[ "$inode" = "$(ls -i t/plain-start.events)" ]
check "what was right is not touched"

# A full disk: files may not grow beyond eight blocks.
gives 0 --create jsonl plain-start.yaml
echo wrong >t/plain-start.jsonl
before=$(state)
(ulimit -f 8; trap '' XFSZ; gives 6 --update .) && [ "$before" = "$(state)" ] && says "plain-start.jsonl: cannot be written"
check "a full disk loses nothing"
if [ "$(id -u)" -ne 0 ]; then
    chmod a-w t
    gives 1 . && says "note: plain-start.timeline.actual: cannot be written"
    check "a directory that cannot be written to is no reason to fail otherwise"
    chmod u+w t
fi
gives 0 --update .
check "afterwards it can be updated"

gives 0 --create timeline,get-pods exit-zero-loop.yaml
mv t/exit-zero-loop.yaml t/loop.yaml
echo "12:00 my own log" >t/exit-zero-loop.logs
: >t/exit-zero-loop.events
gives 0 . && says "obsolete: exit-zero-loop.timeline (nothing asks for it; --prune removes it)" && says "obsolete: exit-zero-loop.get-pods"
check "expected timelines without a scenario are listed"
says "exit-zero-loop.logs" || says "exit-zero-loop.events"
[ $? -ne 0 ]
check "what may be somebody else's is not"
[ -e t/exit-zero-loop.timeline ]
check "and stays until somebody says so"
gives 0 --prune . && says "removed: exit-zero-loop.timeline" && [ ! -e t/exit-zero-loop.timeline ] && [ -e t/exit-zero-loop.logs ]
check "--prune removes them, and nothing else"
gives 0 . && ! says obsolete
check "then none is left"

anew
gives 0 --create timeline plain-start.yaml
printf 'apiVersion: v1\nkind: Pod\n  metadata: {\n' >t/plain-start.yaml
gives 3 . && ! says obsolete
check "a file that cannot be read keeps its expected timelines"

anew
cat >>t/plain-start.yaml <<'END'
---
apiVersion: podsim.dev/v1
kind: Scenario
metadata: {name: x}
spec:
  golden: {tolerance: 10ms, ignore: [wyh]}
END
gives 3 --create timeline plain-start.yaml && says 'spec.golden.ignore[0]: want a column such as time or why, or a pattern such as "pod/*-canary*", got "wyh"'
check "what a scenario wants to ignore is checked"
sed 's/wyh/why/' t/plain-start.yaml >x && cat x >t/plain-start.yaml
gives 0 --create timeline plain-start.yaml
sed 's/   2\.785s/   2.795s/; s/plain-start.yaml:[0-9]*/somewhere/' t/plain-start.timeline >x && cat x >t/plain-start.timeline
gives 0 .
check "and then ignored, within its tolerance"
gives 1 --tolerance 9ms .
check "the command line's tolerance wins"

# ---- cases of parameters ----

anew
rm t/exit-zero-loop.yaml
cat >>t/plain-start.yaml <<'END'
---
apiVersion: podsim.dev/v1
kind: Scenario
metadata: {name: x}
spec:
  parameters:
    image: ["nginx:1.27", "busybox:1.36"]
END
sed 's/image: nginx.*/image: ${{image}}/' t/plain-start.yaml >x && cat x >t/plain-start.yaml
gives 0 --create timeline . && [ -e t/plain-start@image=nginx-1.27.timeline ] && [ -e t/plain-start@image=busybox-1.36.timeline ]
check "each case has its own"
gives 0 . && says "2 passed" && ! says obsolete
check "and is compared with it"
gives 0 --set image=nginx:1.27 . && ! says obsolete
check "a case that is not looked for is not obsolete"
sed 's/, "busybox:1.36"//' t/plain-start.yaml >x && cat x >t/plain-start.yaml
gives 0 . && says "obsolete: plain-start@image=busybox-1.36.timeline"
check "one that is gone is"

# ---- an interrupt ----

rm -rf t
mkdir t
i=0
while [ $i -lt 200 ]; do
    cp "$scenarios/basics/plain-start.yaml" t/case-$i.yaml
    echo wrong >t/case-$i.timeline
    i=$((i + 1))
done
(cd t && exec "$podsim" test --update -j2 . >../out 2>&1) &
pid=$!
while kill -0 $pid 2>/dev/null && [ "$(cat t/case-*0.timeline | grep -c wrong)" -eq 20 ]; do :; done
kill -INT $pid 2>/dev/null
wait $pid
halves=0
for file in t/*.timeline; do
    lines=$(wc -l <"$file")
    [ "$lines" -eq 1 ] || [ "$lines" -eq 8 ] || halves=$((halves + 1))
done
[ $halves -eq 0 ] && [ -z "$(find t -name '.*' -type f)" ]
check "an interrupt leaves whole files, and no others"

# ---- podsim diff ----

differs() {
    want=$1
    shift
    (cd "$work/t" && "$podsim" diff "$@") >"$work/out" 2>&1
    code=$?
    [ $code -eq "$want" ] || echo "(exit code $code, want $want)" >>"$work/out"
    [ $code -eq "$want" ]
}
anew
cp t/plain-start.yaml t/other.yaml
differs 0 plain-start.yaml other.yaml && [ ! -s out ]
check "two files with the same run do not differ"
sed 's/name: web/name: web2/' t/plain-start.yaml >t/other.yaml
differs 1 plain-start.yaml other.yaml && says "pod/web created, Pending: gone, before at 0.0 s" && says "pod/web2 created, Pending at 0.0 s: new" &&
    says "because other.yaml:"
check "two runs are told apart"
known=
cp "$scenarios/basics/logs.yaml" t
for format in timeline get-pods events logs wide transcript jsonl; do
    (cd t && "$podsim" run -q -o $format logs.yaml >kept 2>/dev/null)
    differs 0 kept logs.yaml && known="$known $format"
done
[ "$known" = " timeline get-pods events logs wide transcript jsonl" ]
check "output is known by what is in it, in each format"
(cd t && "$podsim" run -q plain-start.yaml >kept.timeline && "$podsim" run -q -o events plain-start.yaml >kept.events)
differs 2 kept.timeline kept.events && says "kept.timeline is of the format timeline, kept.events of events"
check "two formats cannot be compared"
differs 3 ../out kept.events && says "neither a scenario"
check "nor can anything else"
differs 2 kept.timeline && differs 2 kept.timeline kept.timeline --ignore wyh && says 'did you mean "why"?'
check "what is wrong with the command line is said"

echo "1..$n"
exit $failed
