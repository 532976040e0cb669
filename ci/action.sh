#!/bin/sh
# What action.yml runs: finds or builds podsim, runs podsim test, says the exit code and where the report is.
# Nothing is downloaded. In: ACTION_PATHS (lines), ACTION_ARGS, ACTION_PODSIM, ACTION_JUNIT, ACTION_DIRECTORY.
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)

build_podsim() {
    for tool in meson ninja cc; do
        command -v "$tool" >/dev/null || {
            echo "::error title=podsim::podsim is not on the PATH, and $tool is not there to build it" >&2
            exit 6
        }
    done
    build=${RUNNER_TEMP:-/tmp}/podsim-build
    if [ ! -f "$build/build.ninja" ]; then meson setup "$build" "$source" >&2; fi
    ninja -C "$build" tools/podsim >&2
    podsim=$build/tools/podsim
}

if [ "${ACTION_PODSIM:-}" ]; then
    podsim=$ACTION_PODSIM
elif command -v podsim >/dev/null; then
    podsim=podsim
else
    build_podsim
fi

set -f # words, no patterns: podsim knows patterns itself
# shellcheck disable=SC2086
set -- test --ci --no-state ${ACTION_ARGS:-}
set +f
if [ "${ACTION_JUNIT:-}" ]; then set -- "$@" --junit "$ACTION_JUNIT"; fi
set -- "$@" --
newline='
'
rest=${ACTION_PATHS:-.}$newline
while [ "$rest" ]; do
    path=${rest%%"$newline"*}
    rest=${rest#*"$newline"}
    if [ "$path" ]; then set -- "$@" "$path"; fi
done

code=0
"$podsim" "$@" || code=$?
if [ "${GITHUB_OUTPUT:-}" ]; then
    echo "exit-code=$code" >>"$GITHUB_OUTPUT"
    if [ "${ACTION_JUNIT:-}" ] && [ -f "$ACTION_JUNIT" ]; then
        case $ACTION_JUNIT in
        /*) echo "junit=$ACTION_JUNIT" ;;
        *) echo "junit=${ACTION_DIRECTORY:-.}/$ACTION_JUNIT" ;;
        esac >>"$GITHUB_OUTPUT"
    fi
fi
exit $code
