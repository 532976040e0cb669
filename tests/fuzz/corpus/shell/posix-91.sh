export A=1; sh -c 'echo $A'; B=2 sh -c 'echo $B $A'; sh -c 'echo $0 $1' name arg
