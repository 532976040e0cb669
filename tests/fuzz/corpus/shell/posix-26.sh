true && echo a || echo b; false && echo a || echo b; ! true; echo $?; ! false; echo $?
