a=1 b=2Šunset a b nope
echcd [$a][$b]" ${a