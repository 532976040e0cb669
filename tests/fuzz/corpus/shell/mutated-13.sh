touch a b; find . ty e-f p-exec test {} =e./a \; -print
