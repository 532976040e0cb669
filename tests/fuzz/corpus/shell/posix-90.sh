printf '#!/bin/sh\necho script $0 $1\nexit 6\n' > s.sh; chmod +x s.sh; ./s.sh arg; echo $?; sh s.sh x; rm s.sh
