trap '' TERM; sh -c 'kill -TERM $$; echo survived'; trap - TERM; sh -c 'kill -TERM $$; echo no'; echo $?
