#!/bin/sh
# podsim test: selection, order, reports, exit codes, interrupts, full disks. (TAP)
# usage: test_command.sh PODSIM SOURCE_ROOT
set -u
podsim=$1
root=$2
case $podsim in */*) podsim=$(cd "$(dirname "$podsim")" && pwd)/$(basename "$podsim") ;; esac
base=$(mktemp -d) || exit 99
trap 'rm -rf "$base"' EXIT
work=$base/tests
mkdir "$work" "$base/cache"
cd "$work" || exit 99
XDG_CACHE_HOME=$base/cache
export XDG_CACHE_HOME
unset TAP_VERSION GITHUB_ACTIONS GITHUB_STEP_SUMMARY

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
    sed 's/^/# /' "$base/out" "$base/err" | head -40
}
skip() { # NAME REASON
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}
# exits CODE NAME ARGS...: runs podsim test, compares the exit code
exits() {
    want=$1 name=$2
    shift 2
    "$podsim" test "$@" >"$base/out" 2>"$base/err" </dev/null
    got=$?
    if [ $got -eq "$want" ]; then ok "$name"; else
        echo "# exit code $got, want $want"
        not_ok "$name"
    fi
}
says() { # out|err TEXT NAME
    if grep -qF -- "$2" "$base/$1"; then ok "$3"; else
        echo "# want: $2"
        not_ok "$3"
    fi
}
silent() { # out|err TEXT NAME
    if grep -qF -- "$2" "$base/$1"; then not_ok "$3"; else ok "$3"; fi
}
holds() { # NAME COMMAND...
    name=$1
    shift
    if "$@" >"$base/cmd.out" 2>&1; then ok "$name"; else
        sed 's/^/# /' "$base/cmd.out" | head -20
        not_ok "$name"
    fi
}
same() { # NAME FILE FILE
    if cmp -s "$2" "$3"; then ok "$1"; else
        diff "$2" "$3" | sed 's/^/# /' | head -20
        not_ok "$1"
    fi
}

# scenario NAME PHASE [LINE]: one pod that is Running, of which PHASE is expected
scenario() {
    cat >"$1.yaml" <<END
apiVersion: podsim.dev/v1
kind: Scenario
metadata: {name: $1}
spec:
  duration: 30s
  ${3:-seed: 1}
  expect:
  - {pod: web, phase: $2}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: nginx}]
END
}
scenario good Running
scenario bad Succeeded

# ---- exit codes ----

exits 0 "a scenario that does what is expected passes" good.yaml
says out "ok   good.yaml   1 check   sim 3s" "its line"
says out "1 passed in" "the last line"
exits 1 "one that does not fails" bad.yaml
says out "FAIL bad.yaml   1 of 1 check failed   sim 3s" "its line"
says out "bad.yaml:8:5" "where the expectation is written"
says out "     reproduce: podsim test bad.yaml" "how to see it again"
says out "     look:      podsim run bad.yaml" "how to look at it"
sed 's/nginx}/nginx, imagge: x}/' good.yaml >wrong.yaml
exits 3 "one that is wrong is invalid" wrong.yaml
says out "BAD  wrong.yaml   invalid" "its line"
says out 'wrong.yaml:14:42: error' "its diagnostics"
exits 3 "invalid is more than failed" bad.yaml wrong.yaml good.yaml
says out "1 passed, 1 failed, 1 invalid in" "all are counted"
rm wrong.yaml
exits 4 "a limit that is reached" --limit-events 10 good.yaml
says out "LIM  good.yaml" "its line"
says out "podsim test good.yaml --limit-events 10" "the command to see it again has the option"
exits 2 "an unknown option" --tagg x good.yaml
says err "did you mean --tag?" "the one that was meant"
exits 3 "a file that is not there" nothing.yaml
says err "cannot read nothing.yaml" "it is named"
mkdir empty
exits 2 "a directory without tests" empty
says err "nothing to test: there is no Scenario" "it is told so"
exits 3 "a pattern that matches nothing" 'x*.yaml'
cat >plain.yaml <<END
apiVersion: v1
kind: ConfigMap
metadata: {name: plain}
data: {a: b}
END
exits 3 "a file that was named has to be a test" plain.yaml
says out "not a test: it contains no Scenario" "it is told why it is none"
rm plain.yaml
cat >unchecked.yaml <<END
apiVersion: podsim.dev/v1
kind: Scenario
spec: {duration: 5s}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: nginx}]}
END
exits 0 "a Scenario without checks passes if it runs" unchecked.yaml
says out "0 checks" "and that is said"
rm unchecked.yaml

sed 's/duration: 30s/duration: 30s\n  actions: [{at: 40s, kubectl: delete pod web}]/' good.yaml >warned.yaml
exits 0 "a warning is no failure" warned.yaml
silent out "comes after the end" "and is not told"
exits 0 "a warning, with -v" -v warned.yaml
says out "this action comes after the end of the scenario" "is told with -v"
exits 3 "-W error" -W error warned.yaml
says out "BAD  warned.yaml" "makes it invalid"
says out "reproduce: podsim test warned.yaml --warnings error" "and is in the command"
rm warned.yaml

# ---- what is found ----

mkdir -p more/deep .hidden
scenario more/deep/a Running
scenario more/b Running
scenario .hidden/c Running
printf 'a: [\n' >more/chart.yaml
"$podsim" test --list . >"$base/out" 2>"$base/err"
printf 'bad.yaml\ngood.yaml\nmore/b.yaml\nmore/deep/a.yaml\n' >"$base/want"
same "directories are searched to the bottom, in order of names; what is no test is passed over" "$base/want" "$base/out"
"$podsim" test --list >"$base/out" 2>"$base/err"
same "the current directory is the default" "$base/want" "$base/out"
"$podsim" test --list ./more//b.yaml more 'more/*.yaml' more/./deep >"$base/out" 2>"$base/err"
printf 'more/b.yaml\nmore/deep/a.yaml\n' >"$base/want"
same "each case is there once, in the order of the operands" "$base/want" "$base/out"
exits 0 "files that match a pattern and are no tests are passed over" 'more/*.yaml'
cp good.yaml "it's [one].yaml"
exits 0 "a name with everything in it" "it's [one].yaml"
sed 's/Running/Failed/' good.yaml >"it's [one].yaml"
exits 1 "the same, failing" "it's [one].yaml"
says out "reproduce: podsim test 'it'\\''s [one].yaml'" "a command is quoted for the shell"
eval "$(sed -n "s/.*reproduce: podsim/\"\$podsim\"/p" "$base/out")" >"$base/out" 2>"$base/err"
holds "and can be given to it" [ $? -eq 1 ]
rm "it's [one].yaml"

# ---- selection ----

scenario slow Running "tags: [slow, rollout]"
scenario quick Running "tags: [quick, rollout]"
chosen() { # NAME WANT ARGS...
    name=$1
    printf '%s' "$2" | tr ' ' '\n' >"$base/want"
    shift 2
    "$podsim" test --list "$@" good.yaml slow.yaml quick.yaml more >"$base/out" 2>"$base/err"
    same "$name" "$base/want" "$base/out"
}
chosen "--tag" "slow.yaml " --tag slow
chosen "one of several tags" "slow.yaml quick.yaml " --tag slow,quick
chosen "each --tag must hold" "quick.yaml " --tag rollout --tag quick
chosen "a tag that is not wanted" "quick.yaml " --tag rollout --tag '!slow'
chosen "tags from the environment" "good.yaml slow.yaml quick.yaml more/b.yaml more/deep/a.yaml "
chosen "-k is a part of the id, in any case" "more/deep/a.yaml " -k DEEP
chosen "-k with or" "slow.yaml more/b.yaml " -k 'slow or b.yaml'
chosen "-k with not and parentheses" "good.yaml quick.yaml " -k 'not (more/ or slow)'
chosen "-k: and binds more than or" "slow.yaml more/b.yaml " -k 'slow or more and not deep'
exits 2 "a broken -k" -k 'a and' good.yaml
says err 'want a word at column 6 of "a and", got the end' "what was wanted where"
exits 2 "a broken -k" -k 'a b' good.yaml
says err 'want `and`, `or` or the end at column 3 of "a b", got "b"' "what was wanted where"
exits 2 "nothing chosen" --tag nothing good.yaml
says err "1 case found, and none is chosen by --tag and -k" "it is told so"

# ---- parameters ----

mkdir cases parts
cat >cases/m.yaml <<'END'
apiVersion: podsim.dev/v1
kind: Scenario
spec:
  parameters: {phase: [Running, Succeeded], image: ["nginx:1.27", httpd]}
  exclude: [{phase: Succeeded, image: httpd}]
  include: [../parts/pod.yaml]
  duration: 30s
  expect:
  - {pod: web, phase: "${{phase}}"}
END
cat >parts/pod.yaml <<'END'
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: "${{image}}"}]}
END
"$podsim" test --list cases >"$base/out"
cat >"$base/want" <<'END'
cases/m.yaml[phase=Running,image=nginx:1.27]
cases/m.yaml[phase=Running,image=httpd]
cases/m.yaml[phase=Succeeded,image=nginx:1.27]
END
same "each combination is a case" "$base/want" "$base/out"
exits 1 "each is run" cases
says out "2 passed, 1 failed in" "and counted"
says out "reproduce: podsim test 'cases/m.yaml[phase=Succeeded,image=nginx:1.27]'" "the command to see one again"
says out "look:      podsim run cases/m.yaml --set phase=Succeeded --set image=nginx:1.27" "and to look at it"
exits 0 "one case by its id" 'cases/m.yaml[phase=Running,image=httpd]'
says out "1 passed" "is the only one"
exits 3 "a case that is not there" 'cases/m.yaml[phase=Running]'
says err 'cases/m.yaml has no case [phase=Running]' "it is told so"
"$podsim" test --list --set image=httpd cases good.yaml >"$base/out" 2>&1
printf 'cases/m.yaml[phase=Running,image=httpd]\ngood.yaml\n' >"$base/want"
same "--set chooses, of what has the parameter" "$base/want" "$base/out"
exits 2 "--set of what no case has" --set typo=1 cases good.yaml
says err 'podsim: --set typo=1: no case has a parameter "typo"; there are: phase, image' "names what there is"
exits 2 "or nearly has" --list --set phase=Failed --set imgae=httpd cases
says err 'there are: phase, image; did you mean "image"?' "with a suggestion"
exits 2 "where nothing has parameters" --set typo=1 good.yaml
says err 'no case has a parameter "typo", or any other' "it is told so"
exits 1 "--set with another value" --set phase=Failed cases
says out "reproduce: podsim test 'cases/m.yaml[phase=Failed,image=nginx:1.27]' --set phase=Failed" "is in the command"
eval "$(sed -n '/reproduce/{s/.*reproduce: podsim/"$podsim"/p;q}' "$base/out")" >"$base/out" 2>"$base/err"
says out "0 passed, 1 failed" "which works"
exits 3 "what is included is no test" parts/pod.yaml
mv parts/pod.yaml parts/gone.yaml
exits 3 "an include that is not there" cases
says out "BAD  cases/m.yaml[phase=Running,image=nginx:1.27]" "makes the cases invalid"
rm -r cases parts

# ---- what failed last ----

exits 1 "some fail" more good.yaml bad.yaml
exits 1 "--last-failed" --last-failed more good.yaml bad.yaml
says out "0 passed, 1 failed in" "only those that failed"
"$podsim" test --list --failed-first more good.yaml bad.yaml >"$base/out"
printf 'bad.yaml\nmore/b.yaml\nmore/deep/a.yaml\ngood.yaml\n' >"$base/want"
same "--failed-first" "$base/want" "$base/out"
exits 0 "other cases that run" good.yaml
exits 1 "change nothing" --last-failed more good.yaml bad.yaml
says out "0 passed, 1 failed in" "of what is known"
exits 0 "when none of those that failed is there" --last-failed good.yaml
says err "no case that failed last time is among these: all are run" "it is told so"
cp bad.yaml kept.yaml
cp good.yaml bad.yaml
exits 0 "one that does not fail any more" --no-state bad.yaml
exits 0 "is known" --last-failed more good.yaml bad.yaml
says out "1 passed in" "unless with --no-state"
exits 0 "none failed" --last-failed more good.yaml bad.yaml
says err "no case failed last time: all are run" "it is told so"
says out "4 passed in" "and all are run"
mv kept.yaml bad.yaml
HOME=/dev/null XDG_CACHE_HOME='' "$podsim" test bad.yaml >"$base/out" 2>"$base/err"
holds "no place to remember it: no matter" [ $? -eq 1 ] && [ ! -s "$base/err" ]

mkdir many
for i in 0 1 2 3 4 5 6 7 8 9; do
    for k in 0 1 2 3 4 5 6 7 8 9; do cp good.yaml many/$i$k.yaml; done
done
"$podsim" test --list many >"$base/want"
for i in 1 2 3; do "$podsim" test --list --shard $i/3 many; done >"$base/parts"
LC_ALL=C sort "$base/parts" >"$base/out"
same "shards are all cases, each once" "$base/want" "$base/out"
"$podsim" test --list --shard 2/3 many >"$base/before"
cp good.yaml many/000.yaml
cp good.yaml many/zzz.yaml
"$podsim" test --list --shard 2/3 many | grep -v -e many/000 -e many/zzz >"$base/out"
same "a case stays in its shard when others are added" "$base/before" "$base/out"
holds "shards are about even" [ "$(wc -l <"$base/before")" -gt 20 ] && [ "$(wc -l <"$base/before")" -lt 47 ]
exits 2 "a shard that is none" --shard 4/3 many
says err "--shard: want I/N" "it is told so"

# ---- the same bytes for any number of processes ----

cp bad.yaml many/45.yaml
sed 's/nginx}/nginx, imagge: x}/' good.yaml >many/46.yaml
for j in 1 2 7; do
    "$podsim" test --no-times -j $j many >"$base/out.$j" 2>&1
    "$podsim" test --no-times -j $j --fail-fast many >"$base/fast.$j" 2>&1
    "$podsim" test --no-times -j $j --json - many >"$base/json.$j" 2>&1
done
same "the console is the same for any -j" "$base/out.1" "$base/out.7"
same "and two" "$base/out.1" "$base/out.2"
same "JSON is" "$base/json.1" "$base/json.7"
same "--fail-fast stops at the same case" "$base/fast.1" "$base/fast.7"
cp "$base/fast.7" "$base/out"
says out "46 passed, 1 failed, 55 not run" "what has not been run is counted"
exits 3 "--fail-fast=2" --fail-fast=2 many
says out "46 passed, 1 failed, 1 invalid, 54 not run" "stops after the second"
exits 2 "--fail-fast=0" --fail-fast=0 many
exits 2 "--fail-fast and --update" --ci=false --fail-fast --update many
rm -r many

# ---- reports ----

cp good.yaml "more/<&\">.yaml"
mkdir mixed
cp good.yaml bad.yaml mixed
sed 's/nginx}/nginx, imagge: x}/' good.yaml >mixed/wrong.yaml
cat >mixed/noisy.yaml <<'END'
apiVersion: podsim.dev/v1
kind: Scenario
spec:
  duration: 30s
  expect:
  - {name: "one # two \\ <three> \e[31m", pod: web, phase: Failed}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: nginx}]}
END
exits 3 "all reports at once" --junit "$base/r.xml" --tap "$base/r.tap" --json "$base/r.json" mixed more
says out "passed" "and the console"
if command -v xmllint >/dev/null; then
    holds "JUnit is valid" xmllint --noout --schema "$root/tests/junit.xsd" "$base/r.xml"
    value() { xmllint --xpath "string($1)" "$base/r.xml"; }
    holds "JUnit: tests are counted" [ "$(value '/testsuites/@tests')" = 13 ]
    holds "JUnit: failures are counted" [ "$(value '/testsuites/@failures')" = 2 ]
    holds "JUnit: errors are counted" [ "$(value '/testsuites/@errors')" = 1 ]
    failure='//testcase[@classname="mixed/bad" and failure]'
    holds "JUnit: the file" [ "$(value "$failure/@file")" = mixed/bad.yaml ]
    holds "JUnit: the line" [ "$(value "$failure/@line")" = 8 ]
    holds "JUnit: the message is an attribute" [ -n "$(value "$failure/failure/@message")" ]
    holds "JUnit: and in the body" [ "$(value "contains($failure/failure, $failure/failure/@message)")" = true ]
    holds "JUnit: the seed is a property" [ "$(value '//testsuite[1]/properties/property[@name="seed"]/@value')" = 1 ]
    holds "JUnit: what XML cannot say is spelled" [ "$(value '//testsuite[@name="mixed/noisy.yaml"]/testcase[2]/@name')" = 'one # two \ <three> \x1b[31m' ]
    cp "$base/r.xml" "$base/r2.xml"
    sed -i 's/ classname="[^"]*"//' "$base/r2.xml"
    if xmllint --noout --schema "$root/tests/junit.xsd" "$base/r2.xml" 2>/dev/null; then
        not_ok "the schema knows what is wrong"
    else ok "the schema knows what is wrong"; fi
else
    for i in 1 2 3 4 5 6 7 8 9 10 11; do skip "JUnit" "no xmllint"; done
fi
if command -v prove >/dev/null; then
    cat >"$base/t.sh" <<END
exec "$podsim" test --tap - good.yaml more slow.yaml
END
    holds "TAP: prove is content" prove -e sh "$base/t.sh"
    cat >"$base/t.sh" <<END
"$podsim" test --tap - mixed; exit 0
END
    prove -e sh "$base/t.sh" >"$base/out" 2>"$base/err"
    says out "Failed 3/4 subtests" "TAP: prove sees what failed"
    silent out "Parse errors" "TAP: and has no complaint of its form"
else
    for i in 1 2 3; do skip "TAP" "no prove"; done
fi
cp "$base/r.tap" "$base/out"
says out "TAP version 14" "TAP: the version"
says out "1..7" "TAP: the plan"
says out "# Subtest: mixed/bad.yaml" "TAP: subtests"
says out "    not ok 2 - pod/web: phase Succeeded" "TAP: a failure in one"
says out "    not ok 2 - one \\# two \\\\ <three>" "TAP: what has a meaning in a name is escaped"
TAP_VERSION=13 "$podsim" test --tap - good.yaml >"$base/out"
says out "TAP version 13" "TAP: the version that the reader knows"
if command -v python3 >/dev/null; then
    holds "JSON is valid" python3 -c "
import json,sys
d=json.load(open('$base/r.json'))
assert d['schema']=='podsim.dev/test/v1'
assert [c['outcome'] for c in d['cases'][:4]]==['failed','passed','failed','invalid'], d['cases']
assert d['summary']['failed']==2 and d['summary']['cases']==7
bad=d['cases'][0]
assert bad['checks'][0]['line']==8 and bad['checks'][0]['message'] and bad['reproduce']=='podsim test mixed/bad.yaml'
assert len(bad['fingerprint'])==16 and bad['simulatedSeconds']==3
"
else
    skip "JSON" "no python3"
fi
exits 1 "GitHub" --github bad.yaml
says out "::group::podsim test" "GitHub: a group"
says out "::error file=bad.yaml,line=8,col=5,title=bad.yaml%3A pod/web%3A phase Succeeded::" "GitHub: an annotation"
printf 'before\n' >"$base/summary"
GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$base/summary "$podsim" test bad.yaml good.yaml >"$base/out" 2>"$base/err"
says out "::error file=bad.yaml" "GitHub: on its own when GITHUB_ACTIONS=true"
cp "$base/summary" "$base/out"
says out "before" "GitHub: the summary is added to"
says out "| bad.yaml | pod/web: phase Succeeded |" "GitHub: a row of the summary"
mkdir below
cp bad.yaml below
(cd below && GITHUB_WORKSPACE=$work "$podsim" test --github bad.yaml) >"$base/out" 2>"$base/err"
says out "::error file=below/bad.yaml," "GitHub: files are named from the root of the repository"
"$podsim" test --github --tap - below >"$base/out" 2>"$base/err"
silent out "::error" "GitHub: beside a report on standard output"
says err "::error" "GitHub: annotations go to standard error"
rm -r below
GITHUB_ACTIONS=true "$podsim" test --github=false bad.yaml >"$base/out" 2>"$base/err"
silent out "::error" "GitHub: not when it is not wanted"
exits 0 "-q" -q good.yaml
holds "-q tells only what failed" [ "$(wc -l <"$base/out")" -eq 1 ]
exits 0 "--durations" --durations 2 more good.yaml slow.yaml
holds "names the slowest" [ "$(grep -cE "^(slowest:|        ) +[0-9]+ ms  " "$base/out")" -eq 2 ]
exits 0 "-v" -v good.yaml
says out "pod/web: phase Running: ok" "-v tells of each check"
"$podsim" test --color always good.yaml >"$base/out"
holds "colours, when they are wanted" grep -q "$(printf '\033')\[32m" "$base/out"
silent out "xyzzy" "nothing odd"

# ---- the commands at the end of a failure ----

exits 1 "options of the run" --seed 5 --profile instant --tolerance 100ms --ignore why --ignore 'pod/a b*' -j 1 -v bad.yaml
says out "reproduce: podsim test bad.yaml --seed 5 --profile instant --tolerance 100ms --ignore why --ignore 'pod/a b*'" "are in the command, those of the output are not"
says out "look:      podsim run bad.yaml --seed 5 --profile instant" "podsim run gets those it knows"
sed 's/phase: Succeeded/phase: Succeeded, within: 1500ms/' bad.yaml >early.yaml
exits 1 "an expectation that is decided before the end" early.yaml
says out "look:      podsim run early.yaml --until 1.5s" "is looked at up to there"
rm early.yaml
exits 0 "--verify" --verify good.yaml
printf 'seed: 7\ntest: {tolerance: 1s}\n' >podsim.yaml
exits 1 "podsim.yaml" bad.yaml
holds "what it says need not be said again" grep -q "reproduce: podsim test bad.yaml\$" "$base/out"
mv podsim.yaml "$base/other config.yaml"
exits 1 "--config" --config "$base/other config.yaml" bad.yaml
says out "reproduce: podsim test bad.yaml --config '$base/other config.yaml'" "another one has to be named"
PODSIM_SEED=9 "$podsim" test bad.yaml >"$base/out"
says out "reproduce: podsim test bad.yaml --seed 9" "so has what the environment says"

# ---- workers that hang, crash, or are interrupted ----

mkdir long
for i in 1 2 3; do cp good.yaml long/$i.yaml; done
cat >long/4.yaml <<'END'
apiVersion: podsim.dev/v1
kind: Scenario
spec: {duration: 1000000h}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: web, image: nginx, livenessProbe: {periodSeconds: 1, httpGet: {port: 80}}}
END
cp good.yaml long/5.yaml
exits 4 "a case that takes too long" --no-fast-forward --max-wall 1s long
says out "LIM  long/4.yaml" "is a limit"
says out "it took longer than --max-wall 1s" "it is told so"
says out "4 passed, 1 stopped by a limit" "the others are not touched"
# gone PID...: none of them runs (nobody may have asked a dead one yet how it ended)
gone() {
    for k; do
        grep -q '^State:[[:space:]]*[^Z[:space:]]' "/proc/$k/status" 2>/dev/null && return 1
    done
    return 0
}
# children PID: the processes that it has started
children() { cat /proc/"$1"/task/"$1"/children 2>/dev/null; }
# begin ARGS...: starts podsim test on the endless case; $pid
begin() {
    # A shell starts its background processes with SIGINT ignored, and cannot take that back.
    perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' "$podsim" test --no-fast-forward --limit-events 1000000000000 -j 2 "$@" long \
        >"$base/out" 2>"$base/err" </dev/null &
    pid=$!
    tries=0 # a machine with much to do needs its time
    until grep -q long/3 "$base/out" && [ "$(children $pid | wc -w)" -eq 1 ]; do
        sleep 0.1
        tries=$((tries + 1))
        [ $tries -lt 600 ] || break
    done
}
if [ -r /proc/$$/task/$$/children ] && command -v perl >/dev/null; then
    begin
    kill -ABRT $(children $pid)
    wait $pid
    holds "a worker that crashes: exit code 5" [ $? -eq 5 ]
    says out "BUG  long/4.yaml" "its case is crashed"
    says out "podsim crashed (signal 6): this is a bug, please report it" "it is told so"
    says out "reproduce: podsim test long/4.yaml --no-fast-forward --limit-events" "with the command that shows it again"
    says out "4 passed, 1 crashed" "the others are not touched"
    begin
    kill -KILL $(children $pid)
    wait $pid
    holds "a worker that the kernel kills: exit code 6" [ $? -eq 6 ]
    begin --junit "$base/int.xml" --tap "$base/int.tap" --json "$base/int.json"
    kids=$(children $pid)
    kill -INT $pid
    wait $pid
    holds "an interrupt: exit code 130" [ $? -eq 130 ]
    says out "interrupted after 3 of 5 cases" "how far it came"
    says out "3 passed, 2 not run" "what is not known is not told"
    holds "the workers are gone" gone $kids
    cp "$base/int.tap" "$base/out"
    says out "ok 5 - long/5.yaml # SKIP not run: interrupted" "the reports are whole"
    if command -v xmllint >/dev/null; then
        holds "and valid" xmllint --noout --schema "$root/tests/junit.xsd" "$base/int.xml"
    else skip "and valid" "no xmllint"; fi
    begin
    kids=$(children $pid)
    kill -KILL $pid
    wait $pid 2>/dev/null
    tries=0
    until gone $kids || [ $tries -ge 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    holds "workers do not outlive the parent" gone $kids
    begin
    kill -TERM $(children $pid)
    kill -HUP $(children $pid)
    kill -TERM $pid
    wait $pid
    holds "SIGTERM to all of them" [ $? -eq 130 ]
    silent out "BUG" "is no crash of a worker"
    says out "3 passed, 2 not run" "but an end of everything"
    begin
    kill -STOP $(children $pid)
    kill -TERM $pid
    wait $pid
    holds "SIGTERM, while a worker does not listen" [ $? -eq 130 ]
else
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do skip "workers" "no /proc, or no perl"; done
fi
rm -r long

# ---- when the machine fails ----

if [ -e /dev/full ]; then
    "$podsim" test good.yaml >/dev/full 2>"$base/err"
    holds "standard output is full" [ $? -eq 6 ]
    exits 6 "a report's disk is full" --junit /dev/full good.yaml
    says err "/dev/full: cannot be written: No space left on device" "it is named"
else
    for i in 1 2 3; do skip "full disk" "no /dev/full"; done
fi
echo old >"$base/old.xml"
(
    ulimit -f 1
    "$podsim" test --junit "$base/old.xml" mixed >"$base/out" 2>"$base/err"
    [ $? -eq 6 ]
)
holds "a report that does not fit" [ $? -eq 0 ]
holds "leaves what was there" grep -qx old "$base/old.xml"
holds "and nothing else" [ -z "$(find "$base" -maxdepth 1 -name '.*podsim*')" ]
exits 6 "a report in a directory that is not there" --junit "$base/no/r.xml" good.yaml
"$podsim" test good.yaml bad.yaml | head -n 0
exits 1 "nobody reads: no complaint" bad.yaml
sh -c '"$0" test --junit "$2" good.yaml bad.yaml 2>"$1" | true; :' "$podsim" "$base/err" "$base/closed.xml"
holds "a closed pipe is no error" [ ! -s "$base/err" ]
holds "and the reports are written" grep -q "</testsuites>" "$base/closed.xml"


echo "1..$n"
exit $failed
