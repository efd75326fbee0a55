"""Scripts of four ages run unchanged on every backend, each checking itself. TensorFlow cannot be imported on the others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "scripts"
ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(SCRIPTS.glob("y*.py"))
PARTS = 2


def outcome(files: list[Path], backend: str, folder: Path, *options: str) -> dict[str, str]:
    """Returns what each failing script wrote to stderr."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KERASCOPE_", "WANDB_"))}
    surroundings = {
        **kept,
        "KERAS_BACKEND": backend,
        "KERAS_HOME": str(folder / "keras"),
        "KERASCOPE_DIR": str(folder / "store"),
        "KERASCOPE_QUIET": "true",
        "KERASCOPE_PACKAGES": "false",
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "true",  # compiling is most of the time, and these models are tiny
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    command = [sys.executable, "-m", "tests.compat.drive", *options, *map(str, files)]
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False, timeout=1500
    )
    assert done.returncode == 0, done.stderr[-3000:]
    results: dict[str, dict[str, str | int]] = {}
    for line in done.stdout.splitlines():
        results.update(json.loads(line))
    assert sorted(results) == [one.stem for one in files]
    return {name: str(one["errors"]) for name, one in results.items() if one["code"] != 0}


def files_for(backend: str) -> list[Path]:
    """The scripts that can run there: those that use TensorFlow itself need it."""
    return [one for one in FILES if backend == "tensorflow" or "needs_tensorflow" not in one.stem]


def test_corpus_has_forty_scripts_of_four_ages() -> None:
    assert len(files_for("jax")) >= 40
    assert {one.stem[:5] for one in FILES} >= {"y2016", "y2018", "y2020", "y2023"}


@pytest.mark.parametrize("backend", ["jax", "tensorflow", "torch"])
@pytest.mark.parametrize("part", range(PARTS))
def test_old_scripts_run_unchanged(backend: str, part: int, tmp_path: Path) -> None:
    assert outcome(files_for(backend)[part::PARTS], backend, tmp_path) == {}
