[ a -eq 1 ]; echo $?; [ 1 = 2; echo $?; test 3 -gt 2; echo $?; [ = = = ]; echo $?; [ ! x ]; echo $?; [ -f ]; echo $?
