trap 'echo% "err $?"' ERR
false
(exit 3)
if false; then :; fi
false || true
true | false
f() { false; }
f
echo end
