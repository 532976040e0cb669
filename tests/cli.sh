#!/bin/sh
# The command line: exit codes, where output goes, help and manual page in step. (TAP)
# usage: cli.sh PODSIM SOURCE_ROOT
set -u
podsim=$1
root=$2
. "$root/tests/lib.sh"
cat >"$work/pod.yaml" <<'END'
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: nginx}]
END
sed 's/image/imag/' "$work/pod.yaml" >"$work/wrong.yaml"

exits 0 "a good manifest runs" run "$work/pod.yaml"
says out "end: " "the timeline ends with what is left"
if [ -s "$work/err" ]; then not_ok "nothing on standard error"; else ok "nothing on standard error"; fi
exits 0 "standard input is a file" get -o name -f "$work/pod.yaml"
says out "pod/web" "get -o name prints names"
cat >"$work/talk.yaml" <<'END'
apiVersion: v1
kind: Pod
metadata: {name: talk}
spec:
  initContainers: [{name: setup, image: busybox, command: [echo, prepared]}]
  containers:
  - name: app
    image: busybox
    command: [sh, -c, "echo begin; sleep 20; echo end >&2; exit 1"]
  - {name: idle, image: nginx}
END
same() { # NAME ARGS...: what podsim logs prints is what is in $work/want
    name=$1
    shift
    "$podsim" logs "$@" >"$work/out" 2>"$work/err"
    if cmp -s "$work/want" "$work/out"; then ok "$name"; else not_ok "$name"; fi
}
printf 'begin\n' >"$work/want"
same "logs: the running instance of the first container" "$work/talk.yaml" talk --at 15s
says err 'Defaulted container "app" out of: app, idle, setup (init)' "logs: its choice is told"
printf 'begin\nend\n' >"$work/want"
same "logs: the instance before" "$work/talk.yaml" pod/talk -c app -p --at 35s
printf '2026-01-01T00:00:21.985000000Z end\n' >"$work/want"
same "logs: with dates, the last line" -f "$work/talk.yaml" talk -c app --timestamps --tail 1 -p --at 35s
printf '[pod/talk/setup] prepared\n[pod/talk/app] begin\n' >"$work/want"
same "logs: of all containers" "$work/talk.yaml" talk --all-containers --prefix --at 15s
: >"$work/want"
same "logs: nothing since" "$work/talk.yaml" talk -c app --since 5s --at 15s
exits 1 "logs of no pod" logs "$work/talk.yaml" tal
says err 'pods "tal" not found; did you mean "talk"?' "the pod that was meant is named"
exits 1 "logs of no container" logs "$work/talk.yaml" talk -c nope
exits 1 "logs of no instance" logs "$work/talk.yaml" talk -c app -p --at 10s
says err 'previous terminated container "app" in pod "talk" not found' "kubectl's words"
exits 1 "logs before the start" logs "$work/talk.yaml" talk -c app --at 1s
says err 'is waiting to start: PodInitializing' "why there are none"
exits 2 "logs of two pods" logs "$work/talk.yaml" talk talk2
exits 2 "logs of no file" logs talk
exits 2 "logs at no time" logs "$work/talk.yaml" --at soon
exits 0 "logs of all pods" logs "$work/talk.yaml"
exits 2 "no command is a usage error"
exits 2 "an unknown command is a usage error" rnu "$work/pod.yaml"
says err 'did you mean "run"?' "it is told what was meant"
exits 2 "an unknown option is a usage error" run --untill 5s "$work/pod.yaml"
says err "did you mean --until?" "the closest option is named"
says err "Usage: podsim run [OPTIONS] FILE..." "the usage of the command is shown"
exits 2 "an option wants its argument" run --until
says err "--until wants DURATION" "it is named"
exits 2 "a flag is true or false" run --digest=maybe "$work/pod.yaml"
says err '--digest: want true or false, got "maybe"' "the flag is told what it got"
exits 0 "a flag can be false" run --digest --digest=false "$work/pod.yaml"
if grep -q digest: "$work/out"; then not_ok "the last one counts"; else ok "the last one counts"; fi
export PODSIM_WIDTH=60
exits 0 "options come from the environment" run "$work/pod.yaml"
cp "$work/out" "$work/narrow"
exits 0 "a flag is stronger" run --width 120 "$work/pod.yaml"
if cmp -s "$work/out" "$work/narrow"; then not_ok "than the environment"; else ok "than the environment"; fi
PODSIM_WIDTH=wide
exits 2 "a wrong variable is a usage error" run "$work/pod.yaml"
says err 'PODSIM_WIDTH: want a whole number, got "wide"' "it is named as it is written"
unset PODSIM_WIDTH
exits 2 "a bad duration is a usage error" run --until soon "$work/pod.yaml"
exits 2 "a missing file operand is a usage error" run
exits 3 "an unreadable file is an input error" run "$work/nothing.yaml"
exits 3 "a wrong manifest is an input error" run "$work/wrong.yaml"
says err "wrong.yaml:" "it is named with its position"
exits 2 "a manifest without a command is a usage error" "$work/pod.yaml"
says err "did you mean \"podsim run $work/pod.yaml\"?" "the command that was meant is named"
exits 2 "a kind is no file" get pods
exits 2 "a limit of nothing is a usage error" run --limit-events 0 "$work/pod.yaml"
# Includes and parameters.
mkdir -p "$work/set/chart"
for name in b a; do
    printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "cm-%s-${{grace}}"}\n' $name >"$work/set/chart/$name.yaml"
done
mkdir "$work/set/chart/sub.yaml" && echo "no manifest" >"$work/set/chart/README"
cat >"$work/set/s.yaml" <<'END'
apiVersion: podsim.dev/v1
kind: Scenario
spec: {include: [chart], parameters: {grace: [5, 30]}}
END
exits 3 "a scenario with several cases wants one chosen" run "$work/set/s.yaml"
says err "$work/set/s.yaml --set grace=5" "it says how"
exits 0 "--set chooses a case" get -o name --set grace=30 -f "$work/set/s.yaml"
printf 'configmap/cm-a-30\nconfigmap/cm-b-30\n' >"$work/want"
if cmp -s "$work/want" "$work/out"; then ok "a directory is included by name"; else not_ok "a directory is included by name"; fi
sed 's|\[chart\]|"chart/*.yaml"|' "$work/set/s.yaml" >"$work/set/glob.yaml"
exits 0 "a pattern is included" get -o name --set grace=30 -f "$work/set/glob.yaml"
if cmp -s "$work/want" "$work/out"; then ok "without directories"; else not_ok "without directories"; fi
sed 's|\[chart\]|"chart/**/*.yaml"|' "$work/set/s.yaml" >"$work/set/glob.yaml"
exits 3 "** is no pattern" get --set grace=30 -f "$work/set/glob.yaml"
says err "** is not understood" "it is told why"
exits 2 "--set wants a name" run --set =5 "$work/set/s.yaml"
says err "--set =5: want NAME=VALUE" "it is told what is wanted"

exits 2 "a seed beyond 64 bits is a usage error" run --seed 99999999999999999999 "$work/pod.yaml"
says err "--seed: 99999999999999999999 is too large" "it is told why"
exits 3 "an endless file is an input error" run /dev/zero
exits 3 "standard input cannot be read twice" run - -
says err "read only once" "it is told so"
: >"$work/empty.yaml"
exits 3 "an empty file is an input error" run "$work/empty.yaml"
says err "no object and no action in $work/empty.yaml" "the empty file is named"
exits 3 "diagnostics for machines" run --diagnostics json "$work/wrong.yaml" "$work/nothing.yaml"
says err '"line":5,"column":28,"endColumn":32,"level":"error","code":"PS102","class":"unknown-field","message":"unknown field' \
    "position, code and message are members"
says err '"suggestion":"did you mean \"image\"?","notes":[]}' "so are suggestion and notes"
says err '{"level":"error","code":"PS100","class":"file","message":"cannot read ' "and what could not be read"
lines=$(wc -l <"$work/err")
objects=$(grep -c '^{.*}$' "$work/err")
if [ "$lines" -eq "$objects" ]; then ok "nothing else is printed"; else not_ok "nothing else is printed"; fi
exits 3 "as many as are wanted" run --max-diagnostics 1 "$work/wrong.yaml" "$work/nothing.yaml"
says err "... and 1 more" "the others are counted"
exits 4 "a limit, for machines" run --diagnostics json --limit-events 14 "$work/pod.yaml"
says err '"code":"PS301","class":"limit","message":"limit reached: 14 events' "it has a code"
cat >"$work/late.yaml" <<'END'
{apiVersion: podsim.dev/v1, kind: Scenario, spec: {duration: 1s, actions: [{at: 5s, kubectl: delete pod web}]}}
END
exits 0 "a warning is no error" run "$work/late.yaml" "$work/pod.yaml"
says err "warning[PS202]: this action comes after the end" "it is shown"
exits 3 "unless it is said so" run -W error "$work/late.yaml" "$work/pod.yaml"
says err "error[PS202]: this action comes after the end" "then it is an error"
exits 0 "or not at all" run -W off "$work/late.yaml" "$work/pod.yaml"
if [ -s "$work/err" ]; then not_ok "warnings off"; else ok "warnings off"; fi
exits 0 "-v says what was read" run -v "$work/pod.yaml"
says err "podsim: read $work/pod.yaml, " "the file"
says err "podsim: simulated " "and how long the run was"
mkdir "$work/suite"
cp "$work/late.yaml" "$work/suite"
sed 's/spec:/spce:/' "$work/late.yaml" >"$work/suite/wrong.yaml"
exits 3 "test: diagnostics for machines" test --no-state --diagnostics json "$work/suite"
if [ "$(cut -d: -f2- "$work/err" | grep -c '"level":"[ew]')" = 2 ] && [ "$(wc -l <"$work/err")" -eq 2 ]; then
    ok "test: of all cases"
else
    not_ok "test: of all cases"
fi
exits 0 "test: a warning is no failure" test --no-state "$work/suite/late.yaml"
exits 3 "test: unless it is said so" test --no-state -W error "$work/suite/late.yaml"
says out "reproduce: podsim test $work/suite/late.yaml --warnings error" "test: which is part of how to reproduce it"
esc=$(printf '\033')
exits 3 "colours when they are wanted" run --color always "$work/wrong.yaml"
says err "$esc[1;31merror[PS102]$esc[0m: unknown field" "errors are red"
CLICOLOR_FORCE=1 "$podsim" run "$work/wrong.yaml" 2>"$work/err"
says err "$esc[1;31merror" "CLICOLOR_FORCE is honoured"
CLICOLOR_FORCE=1 NO_COLOR=1 "$podsim" run "$work/wrong.yaml" 2>"$work/err"
says err ": error[PS102]" "NO_COLOR is stronger"
mkdir "$work/empty"
exits 3 "an empty directory is an input error" run "$work/empty"
head -c 2000 "$podsim" >"$work/binary.yaml"
exits 3 "a program is no manifest" run "$work/binary.yaml"
says err "binary.yaml:1:1: error[PS100]: control character" "its first strange byte is shown"
exits 3 "a name with a line break" run "$work/no
such"
says err "no?such: No such file or directory" "a message stays one line"
exits 4 "a limit has its own code" run --limit-events 14 "$work/pod.yaml"
says err "limit reached: 14 events in one run" "the limit is named"
says err "endpoints controller" "what went on is named in words"
cat >"$work/loop.yaml" <<'END'
{apiVersion: podsim.dev/v1, kind: Scenario, spec: {timing: {profile: instant}, duration: 10s}}
---
apiVersion: v1
kind: Pod
metadata: {name: loop}
spec:
  containers:
  - name: c
    image: busybox:1.36
    command: [sh, -c, exit 1]
    restartPolicy: Never
    restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [1]}}]
END
exits 4 "a loop in which no time passes ends" run "$work/loop.yaml"
says err "200 rounds of RestartAllContainers at one instant, pod default/loop" "it is named"
says err "containerStart to 100ms" "it is said what to do about it"
exits 0 "it does what helps" run --profile typical "$work/loop.yaml"
exits 0 "help is not an error" run --help
exits 0 "schema prints" schema
exits 0 "what behaviours can say is listed" help behaviours
exits 0 "the catalogue of images is listed" help images
says out "SIGQUIT" "with what stops them"
exits 0 "an entry of it is shown" help images docker.io/library/nginx:1.25
mv "$work/out" "$work/own.yaml"
exits 0 "and can be given back" run "$work/own.yaml" "$work/pod.yaml"
exits 2 "an image that nobody knows" help images ngnix
says err "there is no image \"ngnix\" in the catalogue" "it is named"
exits 0 "version prints" version
exits 0 "version, for machines" version --json
says out '"kubernetesVersions":["1.24",' "with what is modelled"
if grep -q '[0-9][0-9]:[0-9][0-9]' "$work/out"; then not_ok "and no date"; else ok "and no date"; fi
exits 0 "--version is version" --version
exits 0 "the manual page prints" help --man
exits 2 "help of what is not there" help faluts
says err 'did you mean "faults"?' "it is told what was meant"
exits 2 "help of two things" help run test

"$podsim" run - >"$work/out" 2>"$work/err" <&-
if [ $? -eq 3 ]; then ok "closed standard input is an input error"; else not_ok "closed standard input is an input error"; fi
"$podsim" run - <"$work/pod.yaml" >"$work/out" 2>"$work/err"
if [ $? -eq 0 ]; then ok "- is standard input"; else not_ok "- is standard input"; fi

printf '{apiVersion: podsim.dev/v1, kind: Scenario, spec: {expect: [{within: 9s, pod: web, phase: Failed}]}}\n---\n' >"$work/s.yaml"
cat "$work/pod.yaml" >>"$work/s.yaml"
"$podsim" test - <"$work/s.yaml" >"$work/out" 2>"$work/err"
if [ $? -eq 1 ]; then ok "test: - is standard input"; else not_ok "test: - is standard input"; fi
says out "reproduce: podsim test -" "test: and how to give it again is said"

if [ -w /dev/full ]; then
    "$podsim" run "$work/pod.yaml" >/dev/full 2>"$work/err"
    code=$?
    if [ $code -eq 6 ]; then ok "a full disk is a machine error"; else not_ok "a full disk is a machine error"; fi
else
    ok "a full disk is a machine error # SKIP no /dev/full"
fi
{ "$podsim" run -o wide "$work/pod.yaml" 2>"$work/err" | head -n 1 >"$work/out"; } 2>"$work/shell"
if [ -s "$work/err" ]; then not_ok "a closed pipe is quiet"; else ok "a closed pipe is quiet"; fi

# The manual page is made from the tables: every option of every command stands there, and man has nothing to say.
"$podsim" help --man >"$work/podsim.1"
missing=
for command in $("$podsim" help | sed -n 's/^  podsim \([a-z-]*\) .*/\1/p' | sort -u); do
    for option in $("$podsim" "$command" --help | sed -n 's/^  .\{4\}\(--[a-z-]*\).*/\1/p'); do
        escaped=$(printf '%s' "$option" | sed 's/-/\\\\-/g')
        grep -q -e "$escaped" "$work/podsim.1" || missing="$missing $option"
    done
done
if [ -z "$missing" ] && grep -q -e '\\-\\-until' "$work/podsim.1"; then ok "the manual page has every option"; else
    echo "# missing:$missing"
    not_ok "the manual page has every option"
fi
if command -v groff >/dev/null; then
    groff -ww -man -Tutf8 "$work/podsim.1" "$root/man/podsim-scenario.5" >"$work/page" 2>"$work/err"
    if [ -s "$work/err" ]; then not_ok "the manual pages are well formed"; else ok "the manual pages are well formed"; fi
else
    ok "the manual pages are well formed # SKIP no groff"
fi
# docs/diagnostics.md has the table of the codes, word for word.
"$podsim" help diagnostics | sed -n 's/^  \(PS[0-9]*\) *\([a-z]*\) *\([a-z-]*\)$/| \1 | \2 | \3 |/p; s/^      //p' |
    sed 'N; s/ |\n/ | /; s/$/ |/' >"$work/want"
grep '^| PS' "$root/docs/diagnostics.md" >"$work/got"
if [ -s "$work/want" ] && cmp -s "$work/want" "$work/got"; then ok "docs/diagnostics.md lists the codes"; else
    diff "$work/want" "$work/got" | sed 's/^/# /'
    not_ok "docs/diagnostics.md lists the codes"
fi

done_testing
