"""Gradients of a training on two replicas in one process, on the CPU. Trainings of several processes: `tests/distributed`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.keras.reading import Recorded

ROOT = Path(__file__).resolve().parents[2]

MIRRORED_SCRIPT = """
import sys
import tensorflow as tf
tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2)
import keras, numpy as np
import kerascope
from kerascope.keras import WandbCallback
keras.utils.set_random_seed(1)
kerascope.init(project="p", dir=sys.argv[3], id="both")
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
x = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
before = model.get_weights()
model.fit(x, x[:, :1], batch_size=8, epochs=1, verbose=0, callbacks=[
    WandbCallback(monitor="loss", save_model=False, log_weights=True, log_gradients="fit", log_batch_frequency=1)])
moved = [float((b - a).sum() / 0.01) for b, a in zip(before, model.get_weights())]
row = kerascope.run.summary["gradients/dense/bias.gradient"]
edge = row["bins"][0] + (row["bins"][-1] - row["bins"][0]) / 2
assert abs(edge - moved[1]) < 1e-3, (edge, moved)
kerascope.finish()
"""


def run_processes(script: str, backend: str, count: int, folder: Path, ranks: str = "first") -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(rank), str(port), str(folder), ranks],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(count)
    ]
    try:
        for process in processes:
            _, stderr = process.communicate(timeout=400)
            assert process.returncode == 0, stderr[-3000:]
            assert "failed" not in stderr, stderr[-3000:]
    finally:
        for process in processes:
            process.kill()


def test_replicas_in_one_process_are_one_training(store: Path) -> None:
    run_processes(MIRRORED_SCRIPT, "tensorflow", 1, store)
    got = Recorded(store, "p", "both")
    assert [("epoch" in row) for row in got.rows] == [False, False, True]
    assert got.rows[-1]["gradients/global_norm"] > 0
    assert got.notices == []
