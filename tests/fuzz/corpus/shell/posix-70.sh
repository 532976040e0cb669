f() { echo $1; shift; [ $# -gt 0 ] && f "$@"; }; f a b c
