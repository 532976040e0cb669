#!/bin/sh
# Completion scripts: bash's is asked as bash asks it; those of shells that are not here are only looked at. (TAP)
# usage: completion.sh PODSIM SOURCE_ROOT
set -u
podsim=$1
root=$2
. "$root/tests/lib.sh"
: >"$work/err"

# Every command and option stands in every script.
for shell in bash zsh fish; do
    "$podsim" completion $shell >"$work/$shell"
    missing=
    for command in $("$podsim" help | sed -n 's/^  podsim \([a-z-]*\) .*/\1/p' | sort -u); do
        grep -q -e "\b$command\b" "$work/$shell" || missing="$missing $command"
        for option in $("$podsim" "$command" --help | sed -n 's/^  .\{4\}--\([a-z-]*\).*/\1/p'); do
            grep -q -e "--$option\b" -e "-l $option\b" "$work/$shell" || missing="$missing --$option"
        done
    done
    echo "missing:$missing" >"$work/out"
    if [ -z "$missing" ]; then ok "$shell: every command and option"; else not_ok "$shell: every command and option"; fi
done
exits 2 "a shell that nobody knows" completion tcsh
says err 'want one of bash, zsh, fish, got "tcsh"' "is told apart"

# answers NAME WANT WORDS...: what bash is given for the last word, one per line, sorted
cat >"$work/ask" <<'END'
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_podsim
printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort
END
answers() {
    name=$1 want=$2
    shift 2
    (cd "$work/files" && bash "$work/ask" "$work/bash" "$@") >"$work/out" 2>"$work/err"
    got=$(tr '\n' ' ' <"$work/out" | sed 's/ *$//')
    if [ "$got" = "$want" ] && ! [ -s "$work/err" ]; then ok "bash: $name"; else not_ok "bash: $name"; fi
}
if command -v bash >/dev/null; then
    mkdir -p "$work/files/charts"
    : >"$work/files/web.yaml"
    : >"$work/files/two words.yaml"
    bash -n "$work/bash" >"$work/out" 2>&1
    if [ $? -eq 0 ]; then ok "bash: it is bash"; else not_ok "bash: it is bash"; fi
    bash -c '. "$1"; complete -p podsim' - "$work/bash" >"$work/out" 2>&1
    says out "complete -F _podsim podsim" "bash: it is for podsim"
    answers "a command" "run" podsim ru
    answers "commands that begin alike" "completion config" podsim co
    answers "an option" "--until" podsim run --un
    answers "no option of another command" "" podsim run --tai
    answers "a choice" "always" podsim run --color al
    answers "a choice behind =" "always" podsim run --color = al
    answers "all choices behind =" "always auto never" podsim run --color =
    answers "a choice of a letter" "get-pods" podsim run -o ge
    answers "another command's choices" "json name table wide yaml" podsim get -o ""
    answers "files" "charts two words.yaml web.yaml" podsim run ""
    answers "a file of an option" "web.yaml" podsim run --filename w
    answers "nothing for a number" "" podsim run --seed ""
    answers "an operand behind a flag" "web.yaml" podsim run --digest w
    answers "shells" "bash fish zsh" podsim completion ""
    answers "topics" "faults features" podsim help f
    answers "kinds" "scenario secret service statefulset" podsim explain-field s
    answers "show" "show" podsim config s
else
    ok "bash # SKIP there is none"
fi
for shell in zsh fish; do
    if command -v $shell >/dev/null; then
        $shell -n "$work/$shell" >"$work/out" 2>&1
        if [ $? -eq 0 ]; then ok "$shell: it is $shell"; else not_ok "$shell: it is $shell"; fi
    else
        ok "$shell # SKIP there is none"
    fi
done
done_testing
