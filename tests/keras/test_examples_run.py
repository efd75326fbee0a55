"""The scripts in `examples/` run as they are and leave a finished run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kerascope.paths import StorePaths
from kerascope.tracking.resume import find_previous

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
EXPECTED = {
    "classify_digits": {"examples", "validation_predictions", "GFLOPs", "best_val_accuracy", "graph"},
    "segment_coins": {"examples", "val_accuracy"},
    "draw_from_labels": {"examples", "epoch/loss", "batch/learning_rate"},
    "prose_or_code": {"val_accuracy", "validation_predictions"},
    "two_outputs": {"val_ink_loss", "gradients/ink/kernel.gradient", "validation_predictions"},
    "custom_loop": {"loss", "slope", "errors"},
}


def test_every_example_is_known() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(EXPECTED)


@pytest.mark.parametrize("name", list(EXPECTED))
def test_the_example_runs(name: str, store: Path, tmp_path: Path) -> None:
    environment = os.environ | {"EXAMPLE_EPOCHS": "2", "KERAS_BACKEND": "jax"}
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "WARNING" not in done.stderr.replace("WARNING: All log messages", "")
    runs = list((store / "projects" / "examples" / "runs").iterdir())
    previous = find_previous(StorePaths(store), "examples", runs[0].name)
    assert previous is not None
    assert set(previous.run.summary) >= EXPECTED[name]
    assert previous.run.finish is not None
    assert previous.run.finish.state == "finished"
