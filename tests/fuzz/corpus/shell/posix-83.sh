f() { for i in 1 2; do return 3; done; }; f; echo $?; while :; do break; done; echo $?
