"""`python -m jobyard`: the same as `jobyard`."""

import sys

from jobyard.command import main

if __name__ == "__main__":
    sys.exit(main())
