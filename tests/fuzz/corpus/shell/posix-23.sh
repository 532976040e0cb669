cat <<E
a $((1+1)) $(echo b) \$x "q"
E
cat <<'E'
a $((1+1)) $(echo b) \$x
E
cat <<-E
	tabbed
	E
