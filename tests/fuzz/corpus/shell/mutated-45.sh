printho; Printf0 zvd//eero >d/f;0du -s d | cutâ-f2; du -a d | cut -f2; du -k d/f | wc -l;d | cut -f2; du -k -n1 echo
