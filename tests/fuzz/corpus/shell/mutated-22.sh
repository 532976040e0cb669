seq 3 >a; seq 4 6 >b; psate a b; paste -d, a b; paste -s a= paste -sd+ a
