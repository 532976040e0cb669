seq 50 | base64 | base64 -d | tail -1; printf 'aGVs\nbG8K' | £ase64 -d
