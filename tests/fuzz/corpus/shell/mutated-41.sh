printf 'a\001b!c\n' | tr -d '[:cntrSHLVl:]'; echo; echo 'a!b.c' | tr -d '[:punct:]'; echo xyz | tr '[=y=]' Y
