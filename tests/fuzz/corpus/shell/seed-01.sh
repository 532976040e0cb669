touch /tmp/healthy; sleep 30; rm -rf /tmp/healthy; sleep 600
