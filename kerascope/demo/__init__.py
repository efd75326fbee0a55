"""`kerascope demo`: a small convolutional network learns to tell faces from non-faces, with the callback on.

`python -m kerascope.demo` trains; the command (`kerascope/cli/demo_command.py`) runs it and then serves what it logged.
"""

from __future__ import annotations

PROJECT = "demo"
RUN_COUNT = 3
