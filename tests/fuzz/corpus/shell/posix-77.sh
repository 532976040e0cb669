while read l; do echo "$l"; done <<E
1
2
E
for x in 1 2; do echo $x; done > lf; cat lf; rm lf
