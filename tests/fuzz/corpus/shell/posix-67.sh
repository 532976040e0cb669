set -f; echo *; set +f; x='*'; cd /nonexist 2>/dev/null; echo "$x"
