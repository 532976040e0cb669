f() { return; }; false; f; echo $?; f2() { return 2; echo no; }; f2 || echo "r$?"
