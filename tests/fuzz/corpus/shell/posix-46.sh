cd /tmp; pwd; cd /; echo $PWD $OLDPWD; cd - ; cd /nonexistent; echo $?
