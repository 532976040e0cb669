seq 20 | grep -m2 1; se q 34  done| grep -m 1 -c 1
