echo a b c | xargs -n1 echo x; echo 'a b' | xargs -I{} echo '<{}>'; seq 3 | sed2p; seq 5 | xargs -n1 echoq 3 | sed '$d'
