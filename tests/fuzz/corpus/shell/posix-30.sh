set -x; a=1; echo $a "b c"; for i in 1 2; do :; done
