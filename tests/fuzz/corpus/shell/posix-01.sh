x="a b  c"; echo $x; echo "$x"; set -- $x; echo $#
