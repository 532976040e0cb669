#!/bin/sh
# What other people's CI runs: the command lines of the pre-commit hooks, of the GitHub Action and of the GitLab
# template, with scenarios that pass and fail. (test_ci_files looks at the files themselves.) (TAP)
# usage: ci.sh PODSIM SOURCE_ROOT
set -u
podsim=$1
root=$2
. "$root/tests/lib.sh"
unset GITHUB_ACTIONS GITHUB_OUTPUT GITHUB_STEP_SUMMARY CI CI_NODE_INDEX CI_NODE_TOTAL
mkdir "$work/bin" "$work/good" "$work/bad scenarios"
ln -s "$podsim" "$work/bin/podsim"
PATH=$work/bin:$PATH
cat >"$work/good/web.yaml" <<'END'
apiVersion: podsim.dev/v1
kind: Scenario
spec:
  expect:
  - {within: 10s, pod: web, phase: Running}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: nginx}]
END
sed 's/phase: Running/phase: Failed/' "$work/good/web.yaml" >"$work/bad scenarios/web.yaml"
printf '# Nothing to run\n' >"$work/good/NOTES.md"
{
    printf '# A check\n\n```yaml title=web.yaml\n'
    cat "$work/good/web.yaml"
    printf '```\n\n```console\n$ podsim test\nok   web.yaml...\n1 passed...\n```\n'
} >"$work/good/README.md"
cd "$work" || exit 99
ends() { # CODE NAME COMMAND...
    want=$1 name=$2
    shift 2
    "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    if [ $got -eq "$want" ]; then ok "$name"; else
        echo "# exit code $got, want $want"
        not_ok "$name"
    fi
}

# pre-commit
sed -n 's/^  entry: //p' "$root/.pre-commit-hooks.yaml" >"$work/entries"
: >"$work/out" 2>"$work/err"
if [ "$(tr '\n' ';' <"$work/entries")" = "podsim test;podsim doctest;" ]; then ok "hooks: two entries"; else not_ok "hooks: two entries"; fi
ends 0 "hooks: test passes" sh -c "cd good && $(sed -n 1p "$work/entries")"
ends 1 "hooks: test fails" sh -c "cd 'bad scenarios' && $(sed -n 1p "$work/entries")"
ends 0 "hooks: doctest passes" sh -c "cd good && $(sed -n 2p "$work/entries") ."

# the GitHub Action
export GITHUB_OUTPUT="$work/outputs" ACTION_PATHS ACTION_ARGS='' ACTION_JUNIT=report.xml ACTION_DIRECTORY=lifecycle
: >"$GITHUB_OUTPUT"
ACTION_PATHS=good
ends 0 "action: good scenarios" sh "$root/ci/action.sh"
says out "1 passed" "action: they ran"
cp "$GITHUB_OUTPUT" "$work/out"
says out "exit-code=0" "action: its exit code is an output"
says out "junit=lifecycle/report.xml" "action: the report, too"
cp report.xml "$work/out"
says out "<testsuite" "action: which is there"
: >"$GITHUB_OUTPUT"
ACTION_PATHS='good
bad scenarios
'
GITHUB_ACTIONS=true
export GITHUB_ACTIONS
ends 1 "action: bad ones, on a line of their own" sh "$root/ci/action.sh"
says out "::error " "action: an annotation"
cp "$GITHUB_OUTPUT" "$work/out"
says out "exit-code=1" "action: the exit code is kept"
unset GITHUB_ACTIONS
ACTION_PATHS=good ACTION_ARGS='--list --no-config'
ends 0 "action: options" sh "$root/ci/action.sh"
says out "good/web.yaml" "action: are given on"
ACTION_ARGS='' ACTION_JUNIT='' ACTION_PODSIM="$podsim"
export ACTION_PODSIM
: >"$GITHUB_OUTPUT"
ends 0 "action: a podsim that is named" sh "$root/ci/action.sh"
if grep -q junit "$GITHUB_OUTPUT"; then not_ok "action: no report, no output"; else ok "action: no report, no output"; fi
unset ACTION_PODSIM
mkdir "$work/empty"
for tool in sh dirname; do ln -s "$(command -v $tool)" "$work/empty/$tool"; done
ends 6 "action: nothing to build it with" env PATH="$work/empty" sh "$root/ci/action.sh"
says err "meson is not there to build it" "action: is said"

# the GitLab template
sed -n 's/^  - podsim/podsim/p' "$root/ci/gitlab.yml" >"$work/script"
export SCENARIOS=good SCENARIO_OPTIONS=--list
ends 0 "gitlab: the script" sh "$work/script"
says out "good/web.yaml" "gitlab: its command line is right"
SCENARIO_OPTIONS=
ends 0 "gitlab: it runs" sh "$work/script"
cp podsim-junit.xml "$work/out"
says out "<testsuite" "gitlab: the report is where artifacts look for it"
export CI_NODE_INDEX=2 CI_NODE_TOTAL=3 SCENARIO_OPTIONS=--list
"$podsim" test --shard 2/3 --list good >"$work/want" 2>/dev/null
sh "$work/script" >"$work/out" 2>"$work/err"
if cmp -s "$work/want" "$work/out"; then ok "gitlab: parallel jobs share"; else not_ok "gitlab: parallel jobs share"; fi
done_testing
