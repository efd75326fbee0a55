"""The laws of the classic Model hold on TensorFlow and PyTorch as they do on JAX."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LAWS = (
    "test_compile.py",
    "test_fit.py",
    "test_calls.py",
    "test_generators.py",
    "test_saving.py",
    "test_habits.py",
    "test_batch_loss.py",
    "test_directions.py",
    "test_contract_compile.py",
    "test_contract_fit.py",
    "test_contract_calls.py",
    "test_document.py",
    "test_engine.py",
    "test_beside_keras.py",
    "test_properties.py",
)


@pytest.mark.skipif(os.environ.get("KERASCOPE_LAWS") == "1", reason="this is the run of another backend")
@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
def test_the_laws_hold(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    environment = {**os.environ, "KERAS_BACKEND": backend, "KERASCOPE_LAWS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_CURRENT_TEST", "PYTEST_ADDOPTS"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *(str(HERE / law) for law in LAWS)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=HERE.parents[2],
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
