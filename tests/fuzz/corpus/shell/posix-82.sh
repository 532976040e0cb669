set -- a b c; echo $1$3 ${2} ${10-none} $#; echo "$*"; IFS=-; echo "$*"; echo $*
