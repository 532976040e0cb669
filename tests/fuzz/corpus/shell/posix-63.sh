echo "multi
line"; echo 'single
line'; echo back\
slash
