sleep 0.1 & p=$!; wait $p; echo $?; (exit 7) & wait $!; echo $?; wait; echo $?
