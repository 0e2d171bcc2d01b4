"""``python -m pinsim``."""

import sys

from pinsim.main import main

sys.exit(main(sys.argv[1:]))
