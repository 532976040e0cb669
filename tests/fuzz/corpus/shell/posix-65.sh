echo ~ ~/x "~" a~; x=~; echo $x; y=~/b:~/c; echo $y
