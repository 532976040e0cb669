#!/bin/sh
# podsim.yaml: where it is found, what is stronger, what is said about mistakes. (TAP)
# usage: config.sh PODSIM SOURCE_ROOT
set -u
podsim=$1
root=$2
. "$root/tests/lib.sh"
mkdir -p "$work/repo/.git" "$work/repo/a/b"
cat >"$work/repo/a/b/pod.yaml" <<'END'
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: nginx}]
END
cd "$work/repo/a/b" || exit 99
config() { cat >"$work/repo/podsim.yaml"; }

exits 0 "no configuration is needed" config show --origin
says out "# no podsim.yaml here or above" "that there is none is said"
config <<'END'
# all commands
seed: 7
color: never
run:
  output: get-pods
  width: 60
test: {jobs: 2, tag: [slow, fast], junit: report.xml}
END
exits 0 "it is found in a directory above" run pod.yaml
says out "NAME   READY   STATUS" "and what it says is done"
exits 0 "a flag is stronger" run -o events pod.yaml
says out "FROM" "than the file"
exits 0 "a file can be left out" run --no-config pod.yaml
says out "WHAT" "then the default holds"
exits 0 "what is in force can be seen" config show --origin
cat >"$work/want" <<'END'
# ../../podsim.yaml
run:
  seed: 7  # ../../podsim.yaml:2:7
  output: get-pods  # ../../podsim.yaml:5:11
  width: 60  # ../../podsim.yaml:6:10
  color: never  # ../../podsim.yaml:3:8
END
head -n 6 "$work/out" >"$work/got"
if cmp -s "$work/want" "$work/got"; then ok "with its origin"; else not_ok "with its origin"; fi
says out '  tag: ["slow", "fast"]  # ../../podsim.yaml:7:22' "lists, too"
"$podsim" config show >"$work/shown"
cp "$work/shown" "$work/again.yaml"
"$podsim" config show --config "$work/again.yaml" >"$work/out" 2>"$work/err"
if cmp -s "$work/shown" "$work/out"; then ok "what is shown can be read"; else not_ok "what is shown can be read"; fi
PODSIM_SEED=8 PODSIM_TAG=x,y
export PODSIM_SEED PODSIM_TAG
exits 0 "the environment" config show test --origin
says out "  seed: 8  # PODSIM_SEED" "is stronger than the file"
says out '  tag: ["x", "y"]  # PODSIM_TAG' "a list is not joined with the file's"
unset PODSIM_SEED PODSIM_TAG
if grep -q "^run:" "$work/out"; then not_ok "one command can be asked for"; else ok "one command can be asked for"; fi
exits 0 "what could be set is listed" config show run --all
says out "  # until: DURATION" "as a comment"

mkdir nearer
cp pod.yaml nearer
echo "run: {output: events}" >nearer/podsim.yaml
cd nearer || exit 99
exits 0 "the nearest one counts" run pod.yaml
says out "FROM" "and not those above it"
exits 0 "it is no manifest" run .
cat >s.yaml <<'END'
{apiVersion: podsim.dev/v1, kind: Scenario, spec: {include: ['*.yml', '*d.yaml', 'podsim.*']}}
END
exits 3 "an include that matches nothing else" run s.yaml
says err "podsim.*" "does not mean it"
sed -i "s/'\*.yml', //; s/, 'podsim.\*'//" s.yaml
exits 0 "tests pass it over" test --no-state .
says out "1 passed" "too"
rm s.yaml
cd ..
exits 0 "another one can be named" config show --config nearer/podsim.yaml
says out "output: events" "by a flag"
PODSIM_CONFIG=nearer/podsim.yaml "$podsim" config show >"$work/out" 2>"$work/err"
says out "output: events" "or by a variable"
rm -r nearer
mkdir inner inner/.git
cd inner || exit 99
exits 0 "it is not looked for" config show --origin
says out "# no podsim.yaml here or above" "beyond the repository"
cd ..

config <<'END'
widht: 60
color: sometimes
output: wide
seed: [1, 2]
filename: x
tests: {}
logs: 3
run:
  outptu: get-pods
  until:
  limit-memory: lots
test: {jobs: 0, fail-fast: no, tag: {}}
END
exits 3 "mistakes are an input error" run pod.yaml
sed -n 's/^..\/..\/podsim.yaml:\([0-9:]*\): error\[\(PS[0-9]*\)\].*/\1 \2/p' "$work/err" >"$work/got"
cat >"$work/want" <<'END'
1:1 PS102
2:8 PS106
3:1 PS108
4:7 PS103
5:1 PS108
6:1 PS102
7:7 PS103
9:3 PS102
10:9 PS103
11:17 PS105
12:14 PS105
12:28 PS105
12:37 PS103
END
if cmp -s "$work/want" "$work/got"; then ok "all of them are reported, for all commands"; else
    diff "$work/want" "$work/got" | sed 's/^/# /'
    not_ok "all of them are reported, for all commands"
fi
says err 'help: did you mean "width"?' "with what was meant"
says err 'error[PS108]: output: belongs into the section of a command' "an option that is not for all"
says err 'error[PS108]: filename: only the command line can say --filename' "one that is for no file"
exits 0 "help does not read it" run --help
exits 0 "nor does version" version
echo "{seed: 1" | config
exits 3 "what is no YAML" run pod.yaml
says err "podsim.yaml:2:1: error[PS101]" "is named"
printf 'seed: 1\n---\nseed: 2\n' | config
exits 3 "two documents" run pod.yaml
config <pod.yaml
exits 3 "a manifest of that name" run pod.yaml
says err "give the manifest another name" "is told apart"
: | config
exits 0 "an empty file says nothing" run pod.yaml
printf 'apiVersion: podsim.dev/v1\nkind: Config\nseed: 3\n' | config
exits 0 "it may say what it is" config show
says out "seed: 3" "and is read all the same"
rm "$work/repo/podsim.yaml"
exits 3 "a file that is not there" run --config nowhere.yaml pod.yaml
says err "cannot read nowhere.yaml: No such file" "is named"
exits 2 "config wants to be told" config
exits 2 "and knows one word" config edit
exits 2 "of commands that there are" config show frobnicate

exits 0 "its schema" schema --kind config
says out '"title": "podsim.yaml"' "is printed"
done_testing
