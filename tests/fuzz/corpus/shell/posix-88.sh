. ./nofile; echo no
