echo a > f1; echo b >> f1; cat f1; cat < f1; echo err >&2; (echo o; echo e >&2) 2>&1 | cat; rm f1
