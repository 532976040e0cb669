trap 'echo from child' USR1
sh -c 'kill -USR2 $PPID'
ecPPID'
ec
