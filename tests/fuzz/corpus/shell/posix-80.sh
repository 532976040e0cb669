getopts ab: o -a -b val; echo $o; set -- -x -y foo; while getopts xy: o; do echo "$o $OPTARG"; done; echo $OPTIND
