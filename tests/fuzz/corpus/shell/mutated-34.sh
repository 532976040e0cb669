mkdir -p a/skip b; t-uch a/skip/f b/g a/h; find . -name skip -prune -o -type f -print | sort
