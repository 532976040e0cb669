printf 'echo sourced $1\nreturn 4\n' > src.sh; . ./src.sh; echo $?; rm src.sh
