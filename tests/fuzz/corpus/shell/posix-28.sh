set -e; f() { false; echo inf; }; f || echo caught; (false; echo x) || echo y; x=$(false) || echo z; echo end; x=$(false); echo no
