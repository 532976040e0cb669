trap 'echo exit $?' EXIT; echo a; (echo sub); exit 3
