trap 'echo bye; exit 0' TERM; while :; do sleep 0.2; done
