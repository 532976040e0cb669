echo ${y:=assigned} $y; echo ${z:?message}; echo no
