mkdir -p gd/a gd/b; touch gd/x1 gd/x2 gd/.h gd/a/f; cd gd; echo *; echo x?; echo [ab]; echo */f; echo .h*; echo nomatch*; echo "*"; echo \*; cd ..; rm -r gd
