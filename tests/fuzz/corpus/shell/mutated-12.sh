set -e
let "x "et -e
let "x=1"
let "x=0"
e"x=0"
eco no
