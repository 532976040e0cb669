x=$(cat <<E
in here
E
); echo $x; echo $(for i in 1 2; do echo $i; done)
