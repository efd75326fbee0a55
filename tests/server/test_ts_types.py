"""Law: the dashboard's TypeScript types are those that `scripts/ts_types.py` makes of the records now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_committed_typescript_types_are_up_to_date() -> None:
    script = ROOT / "scripts" / "ts_types.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"Run `python {script.relative_to(ROOT)}` and commit what it writes. {done.stderr}"
