printf '%b' 'x\ny\n'; printf '%%\n'; printf '%.3s|%10s|%-10s|\n' abcdef hi hi; printf '%c%c\n' hello world
