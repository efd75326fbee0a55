"""Trainings of two processes, and of two replicas in one. Real processes, on the CPU."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kerascope.runlog.files import list_segments
from tests.keras.reading import Recorded

ROOT = Path(__file__).resolve().parents[2]

JAX_SCRIPT = """
import sys, jax
rank, port, folder, ranks = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
jax.config.update("jax_cpu_collectives_implementation", "gloo")
jax.distributed.initialize(f"127.0.0.1:{port}", num_processes=2, process_id=rank)
import keras, numpy as np, random
random.seed(1); np.random.seed(1)
import kerascope
from kerascope.keras import WandbCallback
keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
kerascope.init(project="p", dir=folder, id="both", resume="allow", settings={"rank": rank})
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
x = np.ones((16, 4), "f")
model.fit(x, x[:, :1], batch_size=8, epochs=2, verbose=0, callbacks=[
    WandbCallback(monitor="loss", save_model=False, log_weights=True, log_gradients="fit", log_ranks=ranks)])
kerascope.finish()
"""

TORCH_SCRIPT = """
import os, sys
rank, port, folder, ranks = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
import torch, numpy as np
torch.distributed.init_process_group("gloo", rank=rank, world_size=2)
import keras
keras.utils.set_random_seed(1)
import kerascope
from kerascope.keras import WandbCallback
kerascope.init(project="p", dir=folder, id="both", resume="allow", settings={"rank": rank})
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
parallel = torch.nn.parallel.DistributedDataParallel(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
callbacks = keras.callbacks.CallbackList([WandbCallback(monitor="loss", save_model=False, log_weights=True, log_ranks=ranks)], model=parallel)
callbacks.on_train_begin()
for epoch in range(2):
    callbacks.on_epoch_begin(epoch)
    x = torch.ones(8, 4) * (rank + 1)
    optimizer.zero_grad()
    loss = ((parallel(x) - 1) ** 2).mean()
    loss.backward()
    optimizer.step()
    callbacks.on_epoch_end(epoch, {"loss": float(loss)})
callbacks.on_train_end()
kerascope.finish()
torch.distributed.destroy_process_group()
"""

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


@pytest.mark.parametrize(("backend", "script"), [("jax", JAX_SCRIPT), ("torch", TORCH_SCRIPT)])
@pytest.mark.parametrize("ranks", ["first", "all"])
def test_the_first_process_logs_or_every_one_its_own_part(store: Path, backend: str, script: str, ranks: str) -> None:
    run_processes(script, backend, 2, store, ranks)
    got = Recorded(store, "p", "both")
    assert len(list_segments(got.paths.log("p", "both"))) == 2
    assert [row["epoch"] for row in got.rows] == [0, 1]
    assert all(sum(row["parameters/dense.weights"]["values"]) == 4 for row in got.rows)
    assert got.notices == []


def test_replicas_in_one_process_are_one_training(store: Path) -> None:
    run_processes(MIRRORED_SCRIPT, "tensorflow", 1, store)
    got = Recorded(store, "p", "both")
    assert [("epoch" in row) for row in got.rows] == [False, False, True]
    assert got.rows[-1]["gradients/global_norm"] > 0
    assert got.notices == []
