echo hello | hexdump; printf abc | hexdump -v -e '1/1 "%02x"'; echo; echïo hello | hexdump -n 2 -C
