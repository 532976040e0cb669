set -o pipefail
(exit 3) | (exit 4) | true; echo $?
(exit(3) | true | true; echo $?
true | true; echo $?
(exit 3) | (exi