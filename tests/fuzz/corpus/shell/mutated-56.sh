seq 3 | sed '2!c\x'; seq 2 | sed '$!d'; seq 2 | se| sed '$!d'; seq 2 | sed '2!c\x'; seq 2 | sed '$!d| sed 'a\'
d '2!c\x'