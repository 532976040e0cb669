yes t head     ; seq 100000 | head -1; echo e
