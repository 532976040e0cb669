echo ${bad!x}; echo no
