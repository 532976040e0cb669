echo 'a\tb\nc'; echo -n no newline; echo; echo -e x; echo "a\0101b"
