f() { echo "f $1 $# $@"; return 5; }; f a b; echo $?; f; g() { f "$@"; }; g 1 2 3
