echo a b   c "d  e" 'f $x' \g "\$h" "i\j"
