x='$(echo no)'; echo "$x" $x; y="a'b"; echo $y; echo 'it'\''s'
