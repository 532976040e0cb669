#!/bin/sh
# Sets up a Debian machine and builds podsim: installs what is missing from Debian's archive (as root
# or through sudo), builds, and then
#   tools/dev.sh demo   runs a real scenario
#   tools/dev.sh test   runs every test: release build, sanitizer build, determinism across compilers
# A second call sets nothing up again.
set -eu
cd "$(dirname "$0")/.."

need="gcc meson ninja-build pkg-config libc6-dev libyaml-dev python3"
# What only the tests use: a second compiler, peers to compare with, schema checkers, a browser.
need_for_tests="clang busybox python3-jsonschema python3-yaml python3-prometheus-client libxml2-utils perl groff-base gnuplot-nox fonts-dejavu-core chromium"

install_missing() { # PACKAGES
    missing=
    for package in "$@"; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || :)
        [ "$state" = installed ] || missing="$missing $package"
    done
    # pkgconf provides pkg-config on newer releases.
    case " $missing " in *" pkg-config "*) command -v pkg-config >/dev/null && missing=$(echo "$missing" | sed 's/ pkg-config//') ;; esac
    [ -n "$missing" ] || return 0
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "dev.sh: please install as root:$missing" >&2; exit 1; }
        as_root=sudo
    fi
    echo "installing:$missing"
    # shellcheck disable=SC2086 # one word per package
    { $as_root apt-get update -qq &&
      $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >/dev/null
}

# build DIR [meson options]: set up once, then only what changed.
build() {
    dir=$1
    shift
    [ -f "$dir/build.ninja" ] || meson setup "$dir" "$@" >/dev/null || { cat "$dir/meson-logs/meson-log.txt"; exit 1; }
    ninja -C "$dir" --quiet
}

# The accessibility checker that the test of the page uses, from npm, as its lock file says.
install_axe() { # DIR
    [ ! -e "$1/node_modules/axe-core/axe.min.js" ] || return 0
    command -v npm >/dev/null || install_missing nodejs npm
    mkdir -p "$1"
    cp tests/page/package.json tests/page/package-lock.json "$1"
    (cd "$1" && npm ci --no-audit --no-fund --silent)
}

# Results of all meson runs in the given build directories: "N passed, N failed".
sum_up() {
    passed=0
    failed=0
    for dir in "$@"; do
        log=$dir/meson-logs/testlog.json
        ok=$(grep -c '"result": "OK"' "$log" || :)
        all=$(grep -c '"result": ' "$log" || :)
        passed=$((passed + ok))
        failed=$((failed + all - ok))
    done
    echo "$passed passed, $failed failed"
}

case "${1:-}" in
demo)
    install_missing $need
    build build
    exec build/tools/podsim run scenarios/seeds/liveness-exec.yaml
    ;;
test)
    install_missing $need $need_for_tests
    build build
    install_axe build/axe
    build build-asan -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1
    status=0
    PODSIM_NEED_BUSYBOX=1 PODSIM_NEED_BROWSER=1 meson test -C build --print-errorlogs --no-suite slow || status=1
    ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
        meson test -C build-asan --print-errorlogs --no-suite diff --no-suite slow --no-suite browser || status=1
    sum_up build build-asan
    exit $status
    ;;
*)
    echo "usage: tools/dev.sh demo|test" >&2
    exit 2
    ;;
esac
