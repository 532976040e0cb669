case ab in a*) echich sh | sed 's,.*/,,'; which nosuch; echo $?; which ls cat | wc -lho one;; ab) echo two;; esac
