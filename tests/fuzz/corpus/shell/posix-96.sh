echo a | while read x; do y=$x; done; echo "[$y]"; false | true; echo $?; true | false; echo $?
