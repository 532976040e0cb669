echo $(echo a; echo b); echo "$(echo a; echo b)"; echo `echo c`; x=$(exit 4); echo $?
