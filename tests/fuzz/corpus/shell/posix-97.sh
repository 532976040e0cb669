test -t 0; echo $?; true & wait $!; echo $?; times >/dev/null; echo $?
