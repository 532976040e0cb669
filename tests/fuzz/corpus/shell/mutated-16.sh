print'a b\nc\n' >f; ech wc f; wc -l f g; wc f g nope; echo $?
