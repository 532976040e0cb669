echo $(case a in (a) echo paren;; esac) $(case b  esa-eac)
