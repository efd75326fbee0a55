"""What do the callbacks cost a training? A small dense network on JAX, logged in several ways.

Each way runs in a process of its own: a warm-up, then 5 trainings of 2 epochs of 500 steps (batch 32). CPU seconds are those of all threads and
of helper processes that ended. Budget: batch logging at most 40 us CPU a step over a batch hook that does nothing.

    python benchmarks/callback_overhead.py
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
    "a batch hook that does nothing": "empty",
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
    results: dict[str, list[float]] = {}
    for name, way in WAYS.items():
        environment = os.environ | {"KERAS_BACKEND": "jax", "TF_CPP_MIN_LOG_LEVEL": "3", "WANDB_MODE": "offline"}
        done = subprocess.run(
            [sys.executable, __file__, way], capture_output=True, text=True, env=environment, check=False
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        results[name] = json.loads(lines[-1][7:]) if lines else []
        print(name, [round(value) for value in results[name]] or done.stderr[-300:], flush=True)
    empty = sorted(results["a batch hook that does nothing"])[REPEATS // 2]
    rows = []
    for name, values in results.items():
        if values:
            over = sorted(values)[REPEATS // 2] - empty
            rows.append([f"`{name}`" if "(" in name else name, spread(values, 0, "us"), f"{over:+.0f} us"])
        else:
            rows.append([f"`{name}`", "could not run here", ""])
    write(
        "Callbacks during fit",
        "What do the callbacks cost a training? CPU time of one training step of a small dense network on JAX "
        f"(median and range of {REPEATS} trainings of {EPOCHS} x {STEPS} steps, per-epoch work spread over the steps).",
        ["callback", "CPU per step", "over a hook that does nothing"],
        rows,
        "Without a batch hook Keras does not fetch metrics per step, which is why rows without one can be below zero. "
        "The callbacks are `async_safe`, so Keras fetches metrics on other threads; their CPU time is counted.",
    )


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
    """Prints CPU microseconds per step, one number a repeat."""
    import keras
    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.normal(size=(STEPS * BATCH, 32)).astype("float32")
    y = rng.integers(0, 10, len(x))
    dense = [keras.layers.Dense(64, "relu"), keras.layers.Dense(64, "relu"), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential([keras.Input((32,)), *dense])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    with tempfile.TemporaryDirectory() as folder:
        logged = callback(way, folder, (x[:1024], y[:1024]))
        callbacks = [] if logged is None else [logged]
        values = []
        for repeat in range(REPEATS + 1):
            before = cpu_s()
            model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0, shuffle=False, callbacks=callbacks)
            if repeat:
                values.append((cpu_s() - before) / (EPOCHS * STEPS) * 1e6)
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
