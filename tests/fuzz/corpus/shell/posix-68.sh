exec 3>fd3; echo hello >&3; exec 3>&-; cat fd3; rm fd3; echo bad >&3; echo $?
