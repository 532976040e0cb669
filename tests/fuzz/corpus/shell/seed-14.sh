grep -E "(a|b)*c" /etc/passwd; sed -n "s/r\(.\)o/<\1>/p" /etc/passwd; sort -t: -k3 -n /etc/passwd | cut -d: -f1,3 | tr a-z A-Z | uniq -c | tee /tmp/t | wc
