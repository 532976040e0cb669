set -- ; for i in "$@"; do echo x; done; echo "x$@y"; set -- a b; echo "x$@y"; for i in "x$@y"; do echo "<$i>"; done
