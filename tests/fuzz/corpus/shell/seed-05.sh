wget -q -O- http://localhost/; curl -s localhost; nc -z localhost 80; ping -c 2 localhost
