from __future__ import annotations

import importlib.util

import pytest

from tests.backends.suite import run_laws


def test_the_callbacks_keep_their_laws_on_torch() -> None:
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    done = run_laws("torch")
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
