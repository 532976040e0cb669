echo "nested $(echo "inner $(echo deep) \"q\"")" `echo \`echo back\``
