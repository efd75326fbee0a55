"""What do the callbacks cost a training? A small dense network on JAX, logged in several ways.

Each way runs in a process of its own that trains in turn with a batch hook that does nothing and with the callback, 5 times each: one epoch to warm
up, then 2 epochs of 500 steps (batch 32) that count. CPU seconds are those of all threads and of helper processes. What counts is the
difference within each pair, since a shared machine changes from minute to minute. Budget: batch logging at most 40 us CPU a step over a batch
hook that does nothing.

    python benchmarks/callback_overhead.py

The rival needs TensorFlow to be imported at all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _report import spread, write

EPOCHS, STEPS, BATCH, REPEATS = 2, 500, 32, 5
WAYS = {
    "no callback": "none",
    "WandbCallback()": "defaults",
    "WandbCallback(log_batch_frequency=1)": "batch",
    'WandbMetricsLogger("batch")': "logger",
    "WandbCallback(log_weights=True)": "weights",
    "WandbCallback(log_gradients=True)": "gradients",
    'WandbCallback(log_gradients="fit")': "fit",
    'wandb 0.31 WandbMetricsLogger("batch")': "rival",
}


def main() -> None:
    """Measures every way in turn and writes the section."""
    rows = []
    for name, way in WAYS.items():
        environment = os.environ | {"KERAS_BACKEND": "jax", "TF_CPP_MIN_LOG_LEVEL": "3", "WANDB_MODE": "offline"}
        done = subprocess.run(
            [sys.executable, __file__, way], capture_output=True, text=True, env=environment, check=False
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        print(name, lines or done.stderr[-300:], flush=True)
        if not lines:
            rows.append([f"`{name}`", "could not run here", ""])
            continue
        empty, logged = json.loads(lines[-1][7:])
        over = [b - a for a, b in zip(empty, logged, strict=True)]
        rows.append([f"`{name}`" if "(" in name else name, spread(logged, 0, "us"), spread(over, 0, "us")])
    write(
        "Callbacks during fit",
        "What do the callbacks cost a training? CPU time of one training step of a small dense network on JAX: median and range of "
        f"{REPEATS} trainings of {EPOCHS} x {STEPS} steps after a warm-up; per-epoch work is spread over the steps.",
        ["callback", "CPU per step", "over a hook that does nothing, pair by pair"],
        rows,
        "Without a batch hook Keras does not fetch metrics at every step, so such rows can be below zero. "
        "Where other work runs on the machine, ranges are wide and medians of pairs are what to look at.",
    )


class Clock:
    """Seconds of CPU from the second epoch's begin to the last one's end."""

    def __init__(self) -> None:
        import keras

        clock = self

        class Hooks(keras.callbacks.Callback):  # type: ignore[misc]
            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                if epoch == 1:
                    clock.started = cpu_s()

            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                clock.seconds = cpu_s() - clock.started if epoch else 0.0

        self.started = self.seconds = 0.0
        self.hooks = Hooks()


def callback(way: str, folder: str, data: Any) -> Any:
    """The callback of a way, its run begun; None for none."""
    import keras

    if way == "none":
        return None
    if way == "empty":

        class Empty(keras.callbacks.Callback):  # type: ignore[misc]
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                pass

        return Empty()
    if way == "rival":
        import wandb
        from wandb.integration.keras import WandbMetricsLogger as Rival

        wandb.init(project="bench", dir=folder, settings=wandb.Settings(silent=True))
        return Rival("batch")
    import kerascope
    from kerascope.keras import WandbCallback, WandbMetricsLogger

    kerascope.init(project="bench", dir=folder)
    make: dict[str, Callable[[], Any]] = {
        "defaults": lambda: WandbCallback(monitor="loss"),
        "batch": lambda: WandbCallback(monitor="loss", save_model=False, log_batch_frequency=1),
        "logger": lambda: WandbMetricsLogger("batch"),
        "weights": lambda: WandbCallback(save_model=False, log_weights=True),
        "gradients": lambda: WandbCallback(save_model=False, log_gradients=True, training_data=data),
        "fit": lambda: WandbCallback(save_model=False, log_gradients="fit"),
    }
    return make[way]()


def measure(way: str) -> None:
    """Prints CPU microseconds per step without and with the callback, one number a repeat."""
    import keras
    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.normal(size=(STEPS * BATCH, 32)).astype("float32")
    y = rng.integers(0, 10, len(x))
    dense = [keras.layers.Dense(64, "relu"), keras.layers.Dense(64, "relu"), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential([keras.Input((32,)), *dense])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    with tempfile.TemporaryDirectory() as folder:
        sides = [callback("empty", folder, None), callback(way, folder, (x[:1024], y[:1024]))]
        values: list[list[float]] = [[], []]
        for _ in range(REPEATS):
            for side, taken in zip(sides, values, strict=True):
                clock = Clock()
                callbacks = [c for c in (side, clock.hooks) if c is not None]
                model.fit(x, y, batch_size=BATCH, epochs=EPOCHS + 1, verbose=0, shuffle=False, callbacks=callbacks)
                taken.append(clock.seconds / (EPOCHS * STEPS) * 1e6)
        print("RESULT " + json.dumps(values), flush=True)
        time.sleep(0.1)
        os._exit(0)  # the rival's helper is not waited for


def cpu_s() -> float:
    """CPU seconds of this process and of the helpers it started, ended or not."""
    total = time.process_time()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


if __name__ == "__main__":
    measure(sys.argv[1]) if len(sys.argv) > 1 else main()
