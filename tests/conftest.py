"""Shared set-up: the backend of the main suite, and a store of its own for each test that wants one."""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run, so that a failure is a change of ours; HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

# A shell starts background jobs with Ctrl-C ignored, and children inherit that: tests that interrupt a child need the usual handling.
if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

TRACKING_VARIABLES = ("KERASCOPE_", "WANDB_")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of an empty store that `init` uses; a run left open is finished afterwards."""
    for name in list(os.environ):
        if name.startswith(TRACKING_VARIABLES):
            monkeypatch.delenv(name)
    folder = tmp_path / "store"
    monkeypatch.setenv("KERASCOPE_DIR", str(folder))
    monkeypatch.setenv("KERASCOPE_QUIET", "true")
    for name in ("SYSTEM_METRICS", "PACKAGES", "GIT", "SAVE_CODE"):
        monkeypatch.setenv(f"KERASCOPE_{name}", "false")
    monkeypatch.setenv("KERASCOPE_CONSOLE", "off")
    yield folder
    from kerascope.tracking.current import get_run

    run = get_run()
    if run is not None:
        run.finish()


def pytest_configure(config: pytest.Config) -> None:
    """Warnings of packages below us that no call of ours can avoid."""
    for text in ("__array__ implementation doesn't accept a copy keyword:DeprecationWarning",):
        config.addinivalue_line("filterwarnings", f"ignore:{text}")
