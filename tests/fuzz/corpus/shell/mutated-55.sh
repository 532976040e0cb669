printf 'abcdef\n' | { read -n 3 x; echo "[$x]"; read y; echo "[$y]"; }
printf 'ab\ncd\n' | { read -n 5 x; echo "[$x]"; }