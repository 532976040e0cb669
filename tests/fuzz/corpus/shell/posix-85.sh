echo ${x:-$(echo sub)} ${x:-"a b"} ${x:-'c'} "${x:-'d'}" "${x:-"e f"}"
