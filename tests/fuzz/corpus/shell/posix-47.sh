command -v echo; command -v cat; command -v nope; echo $?; type cd cat; type nope
