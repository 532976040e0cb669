set -u; echo ${x-ok}; echo $x; echo no
