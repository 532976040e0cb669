nope; echo $?; ./nope; echo $?; /tmp; echo $?
