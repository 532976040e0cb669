echo a b c | xargs -n1 echo x; echo 'a b' | xargs -I{} echo '<{}>'; seq 3 | sed -n 2p; seq 5 | sed '2,3d'; seq 3 | sed '$d'
