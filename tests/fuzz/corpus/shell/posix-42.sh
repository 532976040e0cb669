eval 'x=5; echo $x'; eval "echo \$x"; y='echo hi there'; $y; eval "$y"
