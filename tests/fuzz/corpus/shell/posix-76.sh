x=abc; case $x in a?c) echo y;; esac; case "" in "") echo empty;; esac; case a in a) ;; esac; echo $?
