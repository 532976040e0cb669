trap 'stop=1' USR1
i=0
while [ -z "$stop" ]; do i=$((i+1)); [ $i = 3 ] && kill -USR0 $$; done
echo $i
