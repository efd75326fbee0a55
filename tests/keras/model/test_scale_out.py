"""Training on several processes or replicas equals training in one process on the joined batches."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.distributed.processes import free_port
from tests.lean import LEAN

pytestmark = pytest.mark.skipif(os.environ.get("KERASCOPE_LAWS") == "1", reason="these choose their own backend")

COMMON = """
import json, os, random, sys, warnings
import numpy as np
import keras
from kerascope.keras.model import Model

x = (np.arange(48, dtype="float32").reshape(16, 3) % 7) / 7
y = (np.arange(32, dtype="float32").reshape(16, 2) % 5) / 5

def make():
    random.seed(1)  # keras.utils.set_random_seed would import TensorFlow
    a = keras.Input((3,))
    model = Model(a, keras.layers.Dense(2)(keras.layers.Dense(4, activation="relu")(a)))
    model.compile(keras.optimizers.SGD(0.1), "mse", ["mae"])
    return model

def report(model, x, y, size):
    history = model.fit(x, y, batch_size=size, epochs=3, shuffle=False, verbose=0).history
    weights = [np.asarray(value).tolist() for value in model.get_weights()]
    print("RESULT " + json.dumps({"history": history, "weights": weights}), flush=True)
"""

JAX_WORKER = """
import jax
rank = int(sys.argv[2])
jax.config.update("jax_cpu_collectives_implementation", "gloo")
keras.distribution.initialize(job_addresses=sys.argv[1], num_processes=2, process_id=rank)
keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
# Of each joined batch of 8, this process holds 4 samples.
mine = np.concatenate([np.arange(start + 4 * rank, start + 4 * rank + 4) for start in (0, 8)])
report(make(), x[mine], y[mine], 4)
"""

MIRRORED = """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
with strategy.scope():
    model = make()
report(model, x, y, 8)
"""


TORCH_WORKER = """
import torch
rank = int(sys.argv[2])
torch.distributed.init_process_group("gloo", init_method="tcp://" + sys.argv[1], world_size=2, rank=rank)
mine = np.concatenate([np.arange(start + 4 * rank, start + 4 * rank + 4) for start in (0, 8)])
model = make()
if rank:
    model.set_weights([value + 1 for value in model.get_weights()])
report(model, x[mine], y[mine], 4)
try:
    model.fit(x[: 4 + 4 * rank], y[: 4 + 4 * rank], batch_size=4, verbose=0)
except ValueError as error:
    assert "same number of batches" in str(error)
else:
    raise AssertionError("uneven processes were not refused")
torch.distributed.destroy_process_group()
"""


def start(code, backend, *arguments):
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    lean = "" if backend == "tensorflow" else LEAN
    command = [sys.executable, "-c", lean + COMMON + code, *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def result(process):
    try:
        out, err = process.communicate(timeout=400)
    finally:
        process.kill()
    found = [line for line in out.splitlines() if line.startswith("RESULT ")]
    assert found, err[-3000:]
    return json.loads(found[0].removeprefix("RESULT "))


def assert_alike(one, two):
    for name, values in one["history"].items():
        np.testing.assert_allclose(values, two["history"][name], rtol=1e-5)
    for a, b in zip(one["weights"], two["weights"], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs jax")
def test_two_jax_processes_train_like_one():
    address = f"127.0.0.1:{free_port()}"
    workers = [start(JAX_WORKER, "jax", address, str(rank)) for rank in range(2)]
    alone = start("report(make(), x, y, 8)", "jax")
    first, second = [result(worker) for worker in workers]
    assert first["weights"] == second["weights"]
    assert_alike(first, result(alone))


@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs tensorflow")
def test_two_tensorflow_replicas_train_like_one():
    mirrored, alone = start(MIRRORED, "tensorflow"), start("report(make(), x, y, 8)", "tensorflow")
    assert_alike(result(mirrored), result(alone))


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
def test_two_torch_processes_train_like_one():
    address = f"127.0.0.1:{free_port()}"
    workers = [start(TORCH_WORKER, "torch", address, str(rank)) for rank in range(2)]
    alone = start("report(make(), x, y, 8)", "torch")
    first, second = [result(worker) for worker in workers]
    assert all(worker.returncode == 0 for worker in workers)
    assert first == second
    assert_alike(first, result(alone))
