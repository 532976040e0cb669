exec?3<<E
from three
E
cat <&1
