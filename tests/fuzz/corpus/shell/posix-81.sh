umask; umask 077; umask; : ${x:=1}; echo $x; echo $?
