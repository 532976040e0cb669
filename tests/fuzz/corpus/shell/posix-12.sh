a=b=c; echo $a; a='1 2'; b=$a; echo "$b"
