printf '[%*d][%-*s][%.*f]\n' 5 42 6 abtrap 14199
