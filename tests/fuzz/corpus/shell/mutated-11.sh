echo hello >f; ln -s f l; ls -L l; ls -lL l ~ cut -c1
