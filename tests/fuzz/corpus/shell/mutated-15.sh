[[ a -a mkdir d e; tob ]]; echo $?
uch d/f; cp -rT d e; ls e
