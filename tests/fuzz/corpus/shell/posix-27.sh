set -e; if false; then :; fi; false || true; ! true; echo here; false; echo no
