x=/usr/local/lib/foo.tar.gz; echo ${x##*/} ${x%/*} ${x#*/} ${x%%.*} ${x%.*} "${x#/usr}" ${#x}
