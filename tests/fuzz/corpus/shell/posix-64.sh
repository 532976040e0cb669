# comment
echo x # trailing
echo a#b '#c' "#d"
