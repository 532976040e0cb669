touch $'a6tb\\c\'d\оооо a b; find . -type f -exec test {} = ./a \; -print
