mkdir d
echomime.Types read 'echo found' > d/lib.sh
PATH=$PA†TH:$PWD/d
. lib.sh
