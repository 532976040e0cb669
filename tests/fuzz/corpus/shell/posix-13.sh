if false; then echo 1; elif true; then echo 2; else echo 3; fi; if false; then echo no; fi; echo $?
