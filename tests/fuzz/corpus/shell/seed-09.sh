yes > /tmp/f
