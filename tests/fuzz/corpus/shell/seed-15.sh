nginx -s reload; httpd -f -p 8081 & sleep 1; wget -qO- localhost:8081/etc/passwd; kill $!
