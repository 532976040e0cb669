timeout 1 sleep 5; timeout -s KIÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿLL 1 yes >/dev/null; nohup sleep 1 & pe true;
do
  echo "$i:$(daue)" >> /var/log/1.log;
  i=$((i+1));
  sleep s; pkill sleep; pgrep sh
