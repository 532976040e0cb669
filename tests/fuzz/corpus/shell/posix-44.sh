x=1 y=2; export x; env | grep '^[xy]='; z=3 env | grep '^z='; echo "[$z]"; unset x; echo "[${x-unset}]"
