f() { local x=1; x=2; echo $x; }; x=9; f; echo $x; h() { y=3; }; h; echo $y
