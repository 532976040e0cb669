case abc in a) echo 1;; a*) echo 2;; *) echo 3;; esac; case "a*" in "a*") echo q;; esac; case x in y|x) echo yx;; esac; case z in [a-m]) echo low;; [!a-m]) echo high;; esac
