"""A training process that the live tests watch: logs a step every so often until its stop file appears, then finishes.

python -m tests.browser.live_writer PROJECT NAME STOP_FILE
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import kerascope as wandb


def main(project: str, name: str, stop: Path) -> None:
    """Logs a falling loss and prints each step."""
    with wandb.init(project=project, name=name) as run:
        step = 0
        while not stop.exists():
            run.log({"loss": 1.0 / (1 + step)})
            print(f"step {step}", flush=True)
            step += 1
            time.sleep(0.1)
        run.log({"late_metric": 1.0})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
