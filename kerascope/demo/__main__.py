"""`python -m kerascope.demo`: trains the demo's runs into the store that `KERASCOPE_DIR` names."""

from __future__ import annotations

import sys

from kerascope.demo.train import main

if __name__ == "__main__":
    sys.exit(main())
