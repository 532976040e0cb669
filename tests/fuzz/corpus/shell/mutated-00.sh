ech > f
exec ./f
echo no
