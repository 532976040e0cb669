cd nord noruch
echo $?
kill -0 nosuch
%cho $?
wait nosuch
echo $?
umasuch
echo $?
kill -0 nosuch
%cho $?
wait nosuch
ech