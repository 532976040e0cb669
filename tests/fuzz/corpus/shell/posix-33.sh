trap 'echo int; exit 5' INT; kill -INT $$; echo no
