echo hello | tr a-z A-Z; echo a:b:c | cut -d: -f2; echo abc | cut -c2-3; echo "a b" | sed 's/a/X/;s/b/Y/'; echo foo123 | sed -E 's/([a-z]+)([0-9]+)/\2\1/'
