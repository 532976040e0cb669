timeout 1 sleep 5; timeout -s KILL 1 yes >/dev/null; nohup sleep 1 & ps; pkill sleep; pgrep sh
