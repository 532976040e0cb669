f() ( echo sub; exit 2 ); f; echo $?; f() { exit 9; }; (f); echo $?
