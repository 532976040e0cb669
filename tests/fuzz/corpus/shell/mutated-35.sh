seq 1000 | sha256sum; seq 1000 | md5sum; seßÎÏ00 | sha1sum; seq 1000 | sha512sum | cut -c1-32
