"""What do the callbacks cost a training? Beside no callback, Keras' own TensorBoard and ModelCheckpoint callbacks, and wandb's logger.

Two nets, each on JAX and on TensorFlow, a process each: (a) a small convnet, 50 steps of 64 an epoch; (b) a dense net of 25 million
parameters, 30 steps of 64 an epoch, with fewer callbacks. In turn, an epoch with each callback, and one with none before every third; rounds go on until the
time of a process is used up. Two numbers a cell: the time in the callback's epoch hooks as a share of the epoch, and the CPU time of the epoch (all threads
and helper processes) over that of the last epoch with none, pair by pair. Batch logging is measured on a tiny dense net on JAX and one core, in
CPU microseconds a step over a hook that does nothing and, like ours, lets Keras dispatch steps ahead (`async_safe`).

Budget: defaults at most 1 %, weights 3 %, gradients of `fit` 5 %, batch logging 40 us.

    sh benchmarks/run.sh benchmarks/callback_overhead.py
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from _report import spread, write

SECONDS, MIN_ROUNDS, MAX_ROUNDS, SHARE_NONE = 90.0, 3, 15, 3
STEP_ROUNDS, STEPS = 15, 2000
NETS = {"small": "(a) small convnet", "large": "(b) 25 M parameters"}
BACKENDS = {"jax": "JAX", "tensorflow": "TensorFlow"}
EPOCH_WAYS = {
    "defaults": "`WandbCallback()`",
    "weights": "`WandbCallback(log_weights=True)`",
    "fit": '`WandbCallback(log_gradients="fit")`',
    "gradients": "`WandbCallback(log_gradients=True)`, 1 batch of data",
    "saving": "`WandbCallback()`, keeping the model each epoch",
    "checkpoint": "Keras `ModelCheckpoint`, the same",
    "tensorboard": "Keras `TensorBoard(histogram_freq=1)`",
    "wandb": "wandb 0.31 `WandbMetricsLogger()`",
}
FEW_WAYS = ("defaults", "weights", "fit", "tensorboard", "wandb")  # on TensorFlow, and of the large net
STEP_WAYS = {
    "batch": "`WandbCallback(log_batch_frequency=1)`",
    "logger": '`WandbMetricsLogger("batch")`',
    "wandb_batch": 'wandb 0.31 `WandbMetricsLogger("batch")`',
    "empty": "a hook that does nothing and is not `async_safe`",
    "none": "no callback",
}


class Measured(NamedTuple):
    """One epoch: seconds of the clock, of CPU, and those in the epoch hooks of the callback."""

    wall_s: float
    cpu_s: float
    hooks_s: float


def main() -> None:
    """Measures everything in turn and writes the section."""
    columns = [(net, backend) for backend in BACKENDS for net in NETS]
    results = {column: child("epochs", *column) for column in columns}
    heads = ["callback, share of an epoch", *(f"{NETS[net]}, {BACKENDS[backend]}" for net, backend in columns)]
    rows = [["an epoch with no callback", *(base(results[column]) for column in columns)]]
    rows += [[name, *(share(results[column].get(way)) for column in columns)] for way, name in EPOCH_WAYS.items()]
    steps = child("steps", "tiny", "jax")
    for way, name in STEP_WAYS.items():
        rows.append([name, over_safe(steps, way), "", "", ""])
    write(
        "Callbacks during fit",
        "What do the callbacks cost a training? `sh benchmarks/run.sh benchmarks/callback_overhead.py`. Per epoch: time in the epoch hooks as "
        "a share of the epoch (median), and CPU time over that of an epoch with no callback, pair by pair (median, spread). Budget: defaults "
        "at most 1 %, weights 3 %, gradients of `fit` 5 %. Last rows, on JAX and one core: CPU microseconds a step of a tiny net over a hook that does "
        "nothing and is `async_safe`; budget of batch logging: 40.",
        heads,
        rows,
        "The model is kept twice, as `model.keras` in the artifact and as `model-best.h5`; ModelCheckpoint writes one file. "
        "`TensorBoard` also records per-batch work in every step.",
    )


def child(*arguments: str) -> dict[str, Any]:
    """What a process of this file measured; nothing if it could not run here."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "WANDB_MODE": "offline", "WANDB_SILENT": "true", "KERASCOPE_SILENT": "1"}
    environment = os.environ | quiet | {"KERAS_BACKEND": arguments[2]}
    done = subprocess.run(
        [sys.executable, __file__, *arguments], capture_output=True, text=True, env=environment, check=False
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    print(*arguments, "done" if lines else done.stderr[-600:], flush=True)
    return json.loads(lines[-1][7:]) if lines else {}


def base(result: dict[str, Any]) -> str:
    """How long an epoch without a callback takes."""
    pairs = [none for pairs in result.values() for none, _ in pairs]
    if not pairs:
        return "could not run here"
    return f"{statistics.median(p[0] for p in pairs):.2f} s, {statistics.median(p[1] for p in pairs):.2f} s CPU"


def share(pairs: list[list[list[float]]] | None) -> str:
    """The cell of a callback."""
    if not pairs:
        return "-"
    taken = [(Measured(*none), Measured(*logged)) for none, logged in pairs]
    hooks = statistics.median(logged.hooks_s / (logged.wall_s - logged.hooks_s) for _, logged in taken)
    over = [100 * (logged.cpu_s - none.cpu_s) / none.cpu_s for none, logged in taken]
    return f"{100 * hooks:.2f} % in hooks, CPU {spread(over, 1, '%')}"


def over_safe(result: dict[str, Any], way: str) -> str:
    """CPU of a way of logging batches, over a hook that does nothing."""
    if way not in result:
        return "could not run here"
    return spread([a - b for a, b in zip(result[way], result["safe"], strict=True)], 0, "us a step")


# -- in the child processes -------------------------------------------------------------------------------------------------------------


def small_net() -> tuple[Any, Any, int]:
    """The small convnet, its data and its batch size."""
    from keras import Input, Sequential, layers

    stack: list[Any] = [Input((28, 28, 1))]
    for filters in (16, 32):
        stack += [layers.Conv2D(filters, 3, activation="relu"), layers.MaxPool2D()]
    net = Sequential([*stack, layers.Flatten(), layers.Dense(64, "relu"), layers.Dense(10, "softmax")])
    return net, random_data(50 * 64, (28, 28, 1)), 64


def large_net() -> tuple[Any, Any, int]:
    """A dense net of 25 million parameters (XLA takes minutes a step for convolutions of this width on a CPU), its data and its batch size."""
    from keras import Input, Sequential, layers

    net = Sequential(
        [
            Input((1024,)),
            *(layers.Dense(3072, "relu") for _ in range(3)),
            layers.Dense(1024),
            layers.Dense(10, "softmax"),
        ]
    )
    return net, random_data(30 * 64, (1024,)), 64


def random_data(count: int, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Inputs and class numbers."""
    import numpy as np

    rng = np.random.default_rng(0)
    return rng.normal(size=(count, *shape)).astype("float32"), rng.integers(0, 10, count)


def make(way: str, folder: str, data: Any) -> list[Any]:
    """The callback of a way, its run begun."""
    import keras

    if way == "none":
        return []
    if way in ("empty", "safe"):
        return [empty_hook(is_safe=way == "safe")]
    if way == "checkpoint":
        return [keras.callbacks.ModelCheckpoint(f"{folder}/kept.keras", monitor="loss", save_best_only=True)]
    if way == "tensorboard":
        return [keras.callbacks.TensorBoard(f"{folder}/tensorboard", histogram_freq=1)]
    if way.startswith("wandb"):
        import wandb
        from wandb.integration.keras import WandbMetricsLogger as Rival

        wandb.init(project="bench", dir=folder)
        return [Rival("batch" if way == "wandb_batch" else "epoch")]
    import kerascope
    from kerascope.keras import WandbCallback, WandbMetricsLogger

    kerascope.init(project="bench", dir=f"{folder}/store")
    makers: dict[str, Callable[[], Any]] = {
        "defaults": WandbCallback,
        "weights": lambda: WandbCallback(log_weights=True),
        "fit": lambda: WandbCallback(log_gradients="fit"),
        "gradients": lambda: WandbCallback(log_gradients=True, training_data=data),
        "saving": lambda: WandbCallback(monitor="loss"),
        "batch": lambda: WandbCallback(log_batch_frequency=1),
        "logger": lambda: WandbMetricsLogger("batch"),
    }
    return [makers[way]()]


def unmake(way: str, folder: str) -> None:
    """Ends what `make` began and empties the disk."""
    if way.startswith("wandb"):
        import wandb

        wandb.finish()
    elif way not in ("none", "empty", "safe", "checkpoint", "tensorboard"):
        import kerascope

        kerascope.finish()
    for path in Path(folder).iterdir():
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()


def empty_hook(is_safe: bool) -> Any:
    """A batch hook that does nothing."""
    import keras

    class Empty(keras.callbacks.Callback):  # type: ignore[misc]
        async_safe = is_safe

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            pass

    return Empty()


class Clock:
    """Measures epoch `at` of a training, between a callback before all others and one behind them."""

    def __init__(self, at: int) -> None:
        import keras

        clock = self
        self.wall_s = self.cpu_s = self.hooks_s = 0.0

        class First(keras.callbacks.Callback):  # type: ignore[misc]
            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                if epoch == at:
                    clock.started = time.perf_counter(), cpu_s()

            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                clock.steps_done = time.perf_counter()

        class Last(keras.callbacks.Callback):  # type: ignore[misc]
            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                if epoch == at:
                    clock.hooks_s = time.perf_counter() - clock.started[0]

            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                if epoch == at:
                    now = time.perf_counter()
                    clock.hooks_s += now - clock.steps_done
                    clock.wall_s, clock.cpu_s = now - clock.started[0], cpu_s() - clock.started[1]

        self.first, self.last = First(), Last()


def one_epoch(model: Any, data: Any, batch_size: int, way: str, folder: str) -> Measured:
    """Measures an epoch; the second one where the first compiles."""
    callbacks, at = make(way, folder, (data[0][:32], data[1][:32])), int(way in ("fit", "gradients"))
    clock = Clock(at)
    model.fit(
        *data,
        batch_size=batch_size,
        epochs=at + 1,
        verbose=0,
        shuffle=False,
        callbacks=[clock.first, *callbacks, clock.last],
    )
    unmake(way, folder)
    return Measured(clock.wall_s, clock.cpu_s, clock.hooks_s)


def measure_epochs(net: str) -> dict[str, list[Any]]:
    """Pairs of (epoch with none, epoch with the callback) by way."""
    import keras

    makers = {"small": small_net, "large": large_net}
    keras.utils.set_random_seed(
        0
    )  # imports TensorFlow where that is installed, whatever the backend: not in a measured epoch
    models = []
    for _ in range(2):  # one for the way that compiles steps of its own
        model, data, batch_size = makers[net]()
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        models.append(model)
    ways = list(EPOCH_WAYS) if keras.backend.backend() == "jax" and net == "small" else list(FEW_WAYS)
    if keras.backend.backend() == "jax" or importlib.util.find_spec("tensorboard") is None:
        ways.remove("tensorboard")
    pairs: dict[str, list[Any]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as folder:
        for warm_up in ("none", "weights", *({"gradients", "fit", "saving", "checkpoint"} & set(ways))):
            one_epoch(models[warm_up == "fit"], data, batch_size, warm_up, folder)
        started = time.monotonic()
        for done in range(MAX_ROUNDS):
            if done >= MIN_ROUNDS and time.monotonic() - started > SECONDS:
                break
            for place, way in enumerate(ways):
                if place % SHARE_NONE == 0:
                    none = one_epoch(models[0], data, batch_size, "none", folder)
                pairs[way].append((none, one_epoch(models[way == "fit"], data, batch_size, way, folder)))
    return pairs


def measure_steps() -> dict[str, list[float]]:
    """CPU microseconds a step by way, one number a round. On one core: threads of XLA that wait for work on another would be counted."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from keras import Input, Sequential, layers

    model = Sequential([Input((32,)), layers.Dense(64, "relu"), layers.Dense(64, "relu"), layers.Dense(10, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    data = random_data(STEPS * 32, (32,))
    ways = ["safe", *STEP_WAYS]
    taken: dict[str, list[float]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as folder:
        for done in range(STEP_ROUNDS + 1):
            for way in ways:
                measured = one_epoch(model, data, 32, way, folder)
                if done:
                    taken[way].append(measured.cpu_s / STEPS * 1e6)
    return taken


def cpu_s() -> float:
    """CPU seconds of this process and of the helpers it started."""
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
    if len(sys.argv) > 1:
        found = measure_epochs(sys.argv[2]) if sys.argv[1] == "epochs" else measure_steps()
        print("RESULT " + json.dumps(found), flush=True)
        os._exit(0)  # helpers of the rivals are not waited for
    main()
