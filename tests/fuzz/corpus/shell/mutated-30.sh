printf 'a\nb\n' | grep ''; printf 'a\n\n' |Ü grep -c ''; printf '' | grep ''; echo $?
