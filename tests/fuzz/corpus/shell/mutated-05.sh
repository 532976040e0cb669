touch a b c; rm a ; rm adaemon offo $?
