"""The callbacks in trainings of two processes and of two replicas: one run, no duplicates, no hang, whatever the callback computes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.distributed.processes import Group, Left, free_port, surroundings, together
from tests.lean import LEAN

# Everything that predicts, evaluates or takes gradients on its own beside the training.
CALLBACKS = """
import kerascope
from kerascope.keras import WandbCallback, WandbMetricsLogger, WandbModelCheckpoint

def callbacks(x, y, folder, **more):
    return [
        WandbCallback(monitor="loss", log_weights=True, log_batch_frequency=1, **more),
        WandbMetricsLogger(),
        WandbModelCheckpoint(folder + "/last.weights.h5", monitor="loss", save_weights_only=True),
    ]
"""

JAX = """
import os, sys, jax
rank = int(sys.argv[2])
jax.config.update("jax_cpu_collectives_implementation", "gloo")
jax.distributed.initialize(sys.argv[1], num_processes=2, process_id=rank)
import numpy as np, keras, random
random.seed(1)  # keras.utils.set_random_seed would import TensorFlow
keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
kerascope.init(project="p")
model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
model.compile("sgd", "sparse_categorical_crossentropy")
x, y = np.random.default_rng(0).random((8, 2, 2, 1)).astype("f"), np.arange(8) % 2
model.fit(x, y, batch_size=4, epochs=2, verbose=0, callbacks=callbacks(
    x, y, sys.argv[3], labels=["a", "b"], input_type="image", log_evaluation=True, predictions=2, validation_data=(x, y),
    log_gradients=True, training_data=(x, y), compute_flops=True))
kerascope.finish()
"""

TORCH = """
import os, sys, torch
import numpy as np, keras
torch.distributed.init_process_group("gloo")
rank = torch.distributed.get_rank()
torch.manual_seed(1)
kerascope.init(project="p")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
model.compile("sgd", "mse")
parallel = torch.nn.parallel.DistributedDataParallel(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
made = keras.callbacks.CallbackList(callbacks(None, None, sys.argv[1]), model=model, epochs=2, steps=2)
made.on_train_begin()
for epoch in range(2):
    made.on_epoch_begin(epoch)
    for batch in range(2):
        made.on_train_batch_begin(batch)
        optimizer.zero_grad()
        loss = ((parallel(torch.ones(8, 4) * (rank + 1)) - 1) ** 2).mean()
        loss.backward()
        optimizer.step()
        made.on_train_batch_end(batch, {"loss": float(loss)})
    made.on_epoch_end(epoch, {"loss": float(loss)})
made.on_train_end()
kerascope.finish()
torch.distributed.destroy_process_group()
"""

MIRRORED = """
import sys
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import numpy as np, keras
keras.utils.set_random_seed(1)
kerascope.init(project="p")
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
x, y = np.random.default_rng(0).random((8, 2, 2, 1)).astype("f"), np.arange(8) % 2
model.fit(x, y, batch_size=8, epochs=2, verbose=0, callbacks=callbacks(
    x, y, sys.argv[1], labels=["a", "b"], input_type="image", log_evaluation=True, predictions=2, validation_data=(x, y),
    log_gradients="fit"))
kerascope.finish()
"""


def check(store: Path, told: list[tuple[str, str]], batches: int, ranks: tuple[int, ...]) -> Left:
    """The one run holds what the first process logged, and of others only what `ranks` says, under names of their own."""
    for _, err in told:
        assert " failed: " not in err, err[-3000:]
    left = Left(store)
    state = left.state()
    assert state.notices == ()
    assert [a.rank for a in sorted(state.attempts, key=lambda a: a.rank)] == list(ranks)
    assert {a.state for a in state.attempts} == {"finished"}
    assert {"graph", "best_loss"} <= state.summary.keys()
    for prefix in ("", *(f"rank{rank}/" for rank in ranks if rank)):
        rows = left.rows()
        assert [row[f"{prefix}epoch"] for row in rows if f"{prefix}epoch" in row] == [0, 1]
        assert [row[f"{prefix}epoch/epoch"] for row in rows if f"{prefix}epoch/epoch" in row] == [0, 1]
        assert [row[f"{prefix}batch"] for row in rows if f"{prefix}batch" in row] == list(range(2 * batches))
        assert sum(any(name.startswith(f"{prefix}parameters/") for name in row) for row in rows) == 2
    assert any(name.startswith("rank") for row in left.rows() for name in row) == (len(ranks) > 1)
    assert left.versions(f"run_{left.run_id}_model") == 2
    assert 1 <= left.versions(f"model-{state.name}") <= 2
    assert not any("rank" in name for name in left.artifacts() if name.startswith(("run_", "model-")))
    return left


@pytest.mark.parametrize(("who", "ranks"), [("first", (0,)), ("all", (0, 1))])
def test_two_jax_processes_are_one_run(tmp_path: Path, who: str, ranks: tuple[int, ...]) -> None:
    address = f"127.0.0.1:{free_port()}"
    store = tmp_path / "store"
    environment = surroundings(store, KERAS_BACKEND="jax", KERASCOPE_LOG_RANKS=who)
    commands = [[sys.executable, "-c", LEAN + CALLBACKS + JAX, address, str(rank), str(tmp_path)] for rank in range(2)]
    with Group(commands, [environment] * 2) as group:
        told = group.finish()
    left = check(store, told, 2, ranks)
    rows = left.rows()
    assert sum("examples" in row for row in rows) == 2
    assert sum("validation_predictions" in row for row in rows) == 1
    assert sum(any(name.startswith("gradients/") for name in row) for row in rows) == 2
    assert left.state().summary["GFLOPs"] > 0
    assert left.versions("wb_validation_data") == 1


@pytest.mark.parametrize(("who", "ranks"), [("first", (0,)), ("all", (0, 1))])
def test_two_torch_processes_of_torchrun_are_one_run(tmp_path: Path, who: str, ranks: tuple[int, ...]) -> None:
    script = tmp_path / "train.py"
    script.write_text(LEAN + CALLBACKS + TORCH)
    launcher = ["-m", "torch.distributed.run", "--nproc-per-node=2", "--master-port", free_port()]
    environment = surroundings(tmp_path / "store", KERAS_BACKEND="torch", KERASCOPE_LOG_RANKS=who)
    with Group([[sys.executable, *launcher, str(script), str(tmp_path)]], [environment]) as group:
        told = group.finish()
    check(tmp_path / "store", told, 2, ranks)


def test_two_tensorflow_replicas_are_one_process(tmp_path: Path) -> None:
    environment = surroundings(tmp_path / "store", KERAS_BACKEND="tensorflow")
    with Group([[sys.executable, "-c", CALLBACKS + MIRRORED, str(tmp_path)]], [environment]) as group:
        told = group.finish()
    left = check(tmp_path / "store", told, 1, (0,))
    assert sum("gradients/global_norm" in row for row in left.rows()) == 2
    assert sum("examples" in row for row in left.rows()) == 2
    assert sum("validation_predictions" in row for row in left.rows()) == 1


def test_the_callback_alone_may_ask_for_every_process(tmp_path: Path) -> None:
    script = """
import os, keras, kerascope
from kerascope.keras import WandbMetricsLogger
kerascope.init(project="p", config={"lr": 1})
kerascope.log({"before": 1})
logger = WandbMetricsLogger(log_ranks="all")
model = keras.Sequential()
model.compile("sgd")
logger.set_model(model)
logger.on_train_begin()
logger.on_epoch_end(0, {"loss": float(os.environ["RANK"])})
"""
    together(LEAN + script, tmp_path, KERAS_BACKEND="jax")
    left = Left(tmp_path)
    rows = left.rows()
    assert [row["before"] for row in rows if "before" in row] == [1]
    assert [row["rank1/epoch/loss"] for row in rows if "rank1/epoch/loss" in row] == [1]
    assert left.state().metrics["rank1/epoch/*"].step_metric == "rank1/epoch/epoch"


def test_a_run_that_began_before_jax_connected_its_processes_is_told_of(tmp_path: Path) -> None:
    script = """
import sys, jax, kerascope
kerascope.init(project="p")
jax.distributed.initialize(sys.argv[1], num_processes=2, process_id=int(sys.argv[2]))
import keras
from kerascope.keras import WandbMetricsLogger
logger = WandbMetricsLogger()
model = keras.Sequential()
model.compile("sgd")
logger.set_model(model)
logger.on_train_begin()
logger.on_epoch_end(0, {"loss": 1.0})
"""
    address = f"127.0.0.1:{free_port()}"
    environment = surroundings(tmp_path, KERAS_BACKEND="jax")
    with Group([[sys.executable, "-c", LEAN + script, address, str(r)] for r in range(2)], [environment] * 2) as group:
        told = group.finish()
    assert "Call init() after jax.distributed.initialize()" in told[1][1]
    assert "Call init() after" not in told[0][1]
