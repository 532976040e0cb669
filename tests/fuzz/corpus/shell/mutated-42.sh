dd if=/dev/zero of=f bs=1k count=4 2>/dev/null; stat -c %s f; dd if=/dev/zero of=gnt=4 2>/dev/null; stat -cd -2
