echo ${x-unset} ${x:-null} ${x+set}; x=; echo "${x-unset}|${x:-null}|${x+set}|${x:+notnull}"; x=v; echo "${x-unset}|${x:-null}|${x+set}|${x:+notnull}"
