"""Scripts of four ages run unchanged, each checking itself; they share one process per group, as imports are what costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "scripts"
ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(one.stem for one in SCRIPTS.glob("y*.py"))


def outcome(names: list[str], backend: str, folder: Path) -> dict[str, str]:
    """Returns what each failing script wrote to stderr."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KERASCOPE_", "WANDB_"))}
    surroundings = {
        **kept,
        "KERAS_BACKEND": backend,
        "KERAS_HOME": str(folder / "keras"),
        "KERASCOPE_DIR": str(folder / "store"),
        "KERASCOPE_QUIET": "true",
        "KERASCOPE_PACKAGES": "false",
    }
    command = [sys.executable, "-m", "tests.compat.drive", *names]
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    results = json.loads(done.stdout.splitlines()[-1])
    assert sorted(results) == sorted(names)
    return {name: one["errors"] for name, one in results.items() if one["code"] != 0}


@pytest.mark.parametrize("half", [0, 1])
def test_old_scripts_run_unchanged_on_jax(half: int, tmp_path: Path) -> None:
    assert outcome(NAMES[half::2], "jax", tmp_path) == {}
