x=$(sleep 2; echo late);
$cmd
 ec$x"
