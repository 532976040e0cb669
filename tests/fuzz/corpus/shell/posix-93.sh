kill -0 $$ && echo alive; kill 99999; echo $?; kill -l 15
