sh -c 'kill -9 $$'; echo $?; sh -c 'exit 300'; echo $?
