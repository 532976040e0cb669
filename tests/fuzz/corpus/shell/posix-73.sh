expr 1 + 2; expr 6 / 2; expr abc : 'a\(.\)'; expr length hello; expr 5 \> 3; basename /a/b.c .c; dirname /a/b/c
