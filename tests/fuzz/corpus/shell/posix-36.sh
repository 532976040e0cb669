printf '%s\n' a b c; printf '%d-%s|' 1 x 2 y; echo; printf '%5d|%-5d|%05d|%x|%o\n' 42 42 42 255 8; printf '%s %s\n' only; printf 'a\tb\\n\n'
