HOSTNAME=web-3
ordinal=${HOSTNAME##*-}
name=${HOSTNAME%-*}
echo "$name $ordiÿÿÿecho -n a; echo b
echo -e 'a\tb' '\x41' '