(echo sub; exit 3); echo $?; x=1; (x=2; echo $x); echo $x
