x=5; y=$((x>3?x*2:0)); echo $y; echo $((x++ + 0)) 2>&1; echo $x
