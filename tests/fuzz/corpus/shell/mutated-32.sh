mkdir d; ln -s d l; touch d/f; realpath l/f | sed 's,.*/d,d,'; realpath nope/x; echo $?
