#!/bin/sh
# podsim-scenario(5) speaks of every field that a Scenario and an ImageCatalogue can have, as the tables know them. (TAP)
# usage: manpage.sh PODSIM SOURCE_ROOT
set -u
podsim=$1
root=$2
. "$root/tests/lib.sh"
: >"$work/out" 2>"$work/err"
sed 's/\\-/-/g' "$root/man/podsim-scenario.5" >"$work/page"
# Names of all fields below KIND.FIELD, or of one level of them.
fields() {
    "$podsim" explain-field "$@" | sed -n '/^FIELDS:/,$s/^ *\([A-Za-z]*\)\t.*/\1/p' | sort -u
}
# A page speaks of a field when its name stands in it as a word, in bold or in an example.
speaks_of() { # NAME FIELDS...
    name=$1 missing=
    shift
    for field in "$@"; do
        grep -qwe "$field" "$work/page" || missing="$missing $field"
    done
    if [ $# -gt 0 ] && [ -z "$missing" ]; then ok "$name"; else
        echo "# fields: $#; missing:$missing"
        not_ok "$name"
    fi
}

# The kubelet's fields are too many for a page; it says where to find them.
for field in $(fields scenario.spec); do
    case $field in
    kubelet) speaks_of "spec.$field" $field ;;
    *)
        # shellcheck disable=SC2046 # one word per field
        speaks_of "spec.$field" $field $(fields --recursive "scenario.spec.$field")
        ;;
    esac
done
# shellcheck disable=SC2046
speaks_of "metadata" $(fields --recursive scenario.metadata)
# shellcheck disable=SC2046
speaks_of "imagecatalogue" $(fields --recursive imagecatalogue)
if grep -qw "nonesuch" "$work/page"; then not_ok "a field that there is not is missed"; else ok "a field that there is not is missed"; fi
done_testing
