{ echo a; echo b; } | cat; echo x | { read y; echo "got $y"; }
