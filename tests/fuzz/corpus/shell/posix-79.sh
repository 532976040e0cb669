a=1; a=2 true; echo $a; a=3 :; echo $a; f() { echo in $a; }; a=4 f; echo $a
