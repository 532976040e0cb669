read a b <<E
one two three
E
echo "$a|$b"; echo 'x\ty' | { read z; echo "$z"; }; echo 'x\ty' | { read -r z; echo "$z"; }
