f() { echo $((n)); n=$((n-1)); [ $n -gt 0 ] && f; }; n=3; f
