seq 10 | sed -n '2,3p;5,6p'; seq 10 | sed '/3/,/2/d;8d'; seq 6 | sed -n '/2/,/2/p'
