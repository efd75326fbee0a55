"""Laws of the demo: it trains real runs that can be looked at while they train, and Ctrl-C ends it without leaving anything behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest

from kerascope.cli import demo_command
from kerascope.demo import RUN_COUNT, images
from kerascope.paths import StorePaths
from tests.cli.conftest import Command, start
from tests.server.stores import wait_for


def test_the_images_are_the_same_every_time_and_both_halves_hold_both_classes() -> None:
    first, again = images.load(), images.load()
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert first.x_train.shape == (150, 25, 25, 1)
    assert len(first.x_test) == 50
    assert (first.x_train.min(), first.x_train.max()) == (0.0, 1.0)
    for classes in (first.y_train, first.y_test):
        assert 0.3 < classes.mean() < 0.7


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where JAX keeps what it compiled, so that the demo of one test need not do it again for the other."""
    return tmp_path_factory.mktemp("programs")


def test_without_serving_it_trains_all_runs_prints_them_and_ends(
    paths: StorePaths, kerascope: Command, monkeypatch: pytest.MonkeyPatch, programs: Path
) -> None:
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(programs))
    monkeypatch.setenv("KERASCOPE_DEMO_NO_SERVE", "1")
    with start("demo", "--json") as process:
        out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    runs = json.loads(out)["runs"]
    assert len(runs) == RUN_COUNT
    assert {run["state"] for run in runs} == {"finished"}
    assert runs[0]["name"] == "just-right"
    assert runs[0]["summary"]["best_val_accuracy"] > 0.9
    assert "Epoch 1/" in err
    keys = {key["key"]: key["kind"] for key in kerascope("show", runs[0]["id"], "--json").json["keys"]}
    assert keys["examples"] == "images/separated"
    assert keys["parameters/conv_1.weights"] == "histogram"
    assert kerascope("artifacts", "ls", "demo", "--json").code == 0


def test_while_it_trains_the_run_is_live_and_ctrl_c_ends_training_and_server(paths: StorePaths, programs: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "KERASCOPE_DEMO_NO_SERVE"}
    environment["JAX_COMPILATION_CACHE_DIR"] = str(programs)
    with start("demo", "--no-browser", env=environment) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        with httpx.Client(base_url=httpx.URL(found[0]).join("/"), timeout=60, trust_env=False) as client:
            address = "/api/projects/demo/runs"
            wait_for(lambda: any(run["row_count"] for run in client.get(address).json()["runs"]), 300)
            assert client.get(address).json()["runs"][0]["state"] == "running"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in err


_COUNTS_CTRL_C = """
import os, signal, sys, time
heard = []
signal.signal(signal.SIGINT, lambda *_: heard.append(1))
print("ready", flush=True)
while not heard:
    time.sleep(0.01)
time.sleep(1.0)  # as a run takes a while to end
sys.exit(len(heard))
"""


class _AtATerminal(subprocess.Popen[str]):
    """A training, and a first wait for it that Ctrl-C ends: at a terminal both programs hear it."""

    def wait(self, timeout: float | None = None) -> int:
        if not self.is_told:
            self.is_told = True
            self.send_signal(signal.SIGINT)
            raise KeyboardInterrupt
        return super().wait(timeout)

    is_told = False


def test_a_training_that_hears_ctrl_c_is_not_told_again_while_its_run_ends() -> None:
    training = _AtATerminal([sys.executable, "-c", _COUNTS_CTRL_C], stdout=subprocess.PIPE, text=True)
    assert training.stdout is not None
    assert training.stdout.readline() == "ready\n"
    with pytest.raises(KeyboardInterrupt):
        demo_command._end(training, None)  # type: ignore[arg-type]
    assert training.returncode == 1
    training.stdout.close()
