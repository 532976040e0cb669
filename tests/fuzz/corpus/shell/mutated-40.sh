trap 'echo no' USR1
trap - USR1
trap
sh -c 'trap "echo no" TERM; trap - TERM; kill -TERM $$; echo no'o $?
