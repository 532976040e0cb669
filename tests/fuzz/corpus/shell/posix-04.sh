set -- "a b" c ""; echo $#; for i in "$@"; do echo "<$i>"; done; for i in "$*"; do echo "<$i>"; done; for i in $*; do echo "<$i>"; done; for i in $@; do echo "[$i]"; done
