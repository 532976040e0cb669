touch a+ b c; ls, -C; ls -x
