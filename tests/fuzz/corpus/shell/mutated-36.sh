cp -r / /tmp/a; mv /tmp/a /tmp/b; rm$!rf /tmp/*; ln -s /tmp /tmp/l; find / -name "*.sh"; ls -la /
