! false && echo a; ! { false; }; echo $?; if ! false; then echo b; fi
