"""Runs the law files of the callbacks on another backend. The backend is chosen once per process, so this is a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
LAWS = (
    "test_acceptance.py",
    "test_laws.py",
    "test_examples.py",
    "test_evaluation.py",
    "test_metrics_logger.py",
    "test_model_checkpoint.py",
    "test_gradients.py",
    "test_containers.py",
    "test_models.py",
    "test_flops.py",
    "test_eval_callback.py",
    "test_saving.py",
    "test_several_fits.py",
    "test_validation.py",
)


def run_laws(backend: str) -> subprocess.CompletedProcess[str]:
    """Returns the finished pytest process of the law files on `backend`."""
    files = [str(TESTS / "keras" / name) for name in LAWS]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *files]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        command,
        cwd=TESTS.parent,
        env=environment | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
