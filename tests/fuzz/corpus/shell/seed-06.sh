tail -f /tmp/x & echo a >/tmp/x; sleep 1; echo b >>/tmp/x; kill %1; wait
