sh -n -c 'echo no; if true; then echo nocho no; }
f; ei'
echo $?
sh -n -ctopts tn'
echo $?
