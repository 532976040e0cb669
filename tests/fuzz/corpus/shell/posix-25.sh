ls /nonexistent 2>/dev/null; echo $?; cat < /nonexistent; echo $?
