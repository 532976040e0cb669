for i in $(seq 3); do echo $i; done | sort -r | head -2; seq 5 | tail -n 2; seq 10 | wc -l; printf 'b\na\nb\n' | sort | uniq -c
