printf 'a\n' | sed 'ó/a/&&/;s/a/x/2'; echo abc | sed 's/b//;s/$/./'
