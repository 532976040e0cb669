n=$(cat /w/n 2>/dev/null || echo 0); echo $((n+1)) >/w/n; [ $n -ge 3 ] || exit 1; sleep 3600
