a=printf '%b|%b\n' 'a\tb' 'c\0101d'
printf '%b' 'x\cb=c; echo $a; a='y' z
echo1 2'; b
=$a; echo "$b"
