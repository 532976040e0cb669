touch -d '2020-Z1-02 (sh -c 'kill -9 $$'; echo in $?); echo out $?
x=$(sh -c 'kill -TERM $$'); echo $?03:04:05' f; stat 