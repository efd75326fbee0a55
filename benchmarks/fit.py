"""How many training steps a second does `fit` make, beside Keras' own fit and loops written by hand?

Each net and backend runs in a process of its own; the forms take turns, round by round, so that load on the machine hits all of them. Numbers are
relative to `keras.Model.fit` (steps_per_execution=1) of the same round. Hand-written forms are for JAX.

    python benchmarks/fit.py [--backends jax,tensorflow] [--nets a,b,c,d,e,f] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

NETS = {
    "a": "tiny dense net, batch 32",
    "b": "MLP 784-128-10, batch 32",
    "c": "small convnet, batch 64",
    "d": "LSTM(64), batch 32",
    "e": "6-layer transformer, batch 16",
    "f": "MLP from a generator, batch 32",
}
STEPS = {"a": 1000, "b": 300, "c": 40, "d": 100, "e": 20, "f": 300}
BATCH = {"a": 32, "b": 32, "c": 64, "d": 32, "e": 16, "f": 32}
FORMS = ("keras", "keras x32", "kerascope", "by hand: jitted step", "by hand: epoch scan")
OBSERVED = ("keras + observer", "kerascope + observer")


def build(name, cls):
    import keras

    layers = keras.layers
    keras.utils.set_random_seed(0)
    if name == "a":
        i = keras.Input((4,))
        o = layers.Dense(4)(i)
    elif name in "bf":
        i = keras.Input((784,))
        o = layers.Dense(10, activation="softmax")(layers.Dense(128, activation="relu")(i))
    elif name == "c":
        i = keras.Input((20, 20, 1))
        h = layers.MaxPooling2D()(layers.Conv2D(8, 3, activation="relu")(i))
        o = layers.Dense(10, activation="softmax")(layers.Flatten()(layers.Conv2D(16, 3, activation="relu")(h)))
    elif name == "d":
        i = keras.Input((16, 8))
        o = layers.Dense(10, activation="softmax")(layers.LSTM(64)(i))
    else:
        i = keras.Input((16, 32))
        h = i
        for _ in range(6):
            h = layers.LayerNormalization()(h + layers.MultiHeadAttention(2, 16)(h, h))
            h = layers.LayerNormalization()(h + layers.Dense(32)(layers.Dense(64, activation="gelu")(h)))
        o = layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling1D()(h))
    return cls(i, o)


def data(name, model):
    import numpy as np

    rng = np.random.default_rng(0)
    samples = STEPS[name] * BATCH[name]
    shape = tuple(model.inputs[0].shape[1:])
    x = rng.random((samples, *shape), dtype="float32")
    y = rng.random((samples, model.outputs[0].shape[-1]), dtype="float32")
    return x, y


def loss_of(name):
    return "mse" if name == "a" else "categorical_crossentropy"


def fit_form(name, cls, callbacks=None, **compile_arguments):
    model = build(name, cls)
    model.compile(optimizer="adam", loss=loss_of(name), metrics=["mae"], **compile_arguments)
    x, y = data(name, model)
    size, steps = BATCH[name], STEPS[name]

    def batches():
        while True:
            for start in range(0, len(x), size):
                yield x[start : start + size], y[start : start + size]

    def run():
        chosen = [make() for make in callbacks or []]
        if name == "f":
            extra = {} if cls.__module__.startswith("kerascope") else {"shuffle": False}
            model.fit(batches(), steps_per_epoch=steps, verbose=0, callbacks=chosen, **extra)
        else:
            model.fit(x, y, batch_size=size, verbose=0, callbacks=chosen)

    return run


def hand_step(name):
    import jax
    import keras
    import numpy as np

    model = build(name, keras.Model)
    model.compile(optimizer="adam", loss=loss_of(name), metrics=["mae"])
    x, y = data(name, model)
    size = BATCH[name]
    model._symbolic_build(data_batch=(x[:size], y[:size], None))
    step = jax.jit(model.train_step, donate_argnums=0)
    held = [state_of(model)]

    def run():
        order = np.random.permutation(len(x))
        state = held[0]
        for place in range(STEPS[name]):
            rows = order[place * size : (place + 1) * size]
            _, state = step(state, (x[rows], y[rows], None))
        held[0] = jax.block_until_ready(state)

    return run


def hand_scan(name):
    import jax
    import keras
    import numpy as np

    model = build(name, keras.Model)
    model.compile(optimizer="adam", loss=loss_of(name), metrics=["mae"])
    x, y = data(name, model)
    size, steps = BATCH[name], STEPS[name]
    model._symbolic_build(data_batch=(x[:size], y[:size], None))

    def body(state, batch):
        logs, after = model.train_step(state, (*batch, None))
        return jax.tree_util.tree_map(lambda new, old: new.astype(old.dtype), after, state), logs

    @jax.jit
    def epoch(state, xs, ys):
        return jax.lax.scan(body, state, (xs, ys))

    held = [state_of(model)]

    def run():
        order = np.random.permutation(len(x))
        xs = x[order].reshape(steps, size, *x.shape[1:])
        ys = y[order].reshape(steps, size, *y.shape[1:])
        held[0], _ = jax.block_until_ready(epoch(held[0], xs, ys))

    return run


def state_of(model):
    kinds = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")
    return model._get_jax_state(**dict.fromkeys(kinds, True))


def observer():
    import keras

    class Observer(keras.callbacks.Callback):
        async_safe = True

        def __init__(self):
            super().__init__()
            self.seen = []

        def on_train_batch_end(self, batch, logs=None):
            self.seen.append(logs["loss"])

    return Observer()


def measure(name, rounds):
    import keras

    from kerascope.keras.model import Model

    jax = keras.config.backend() == "jax"
    makers = {
        "keras": lambda: fit_form(name, keras.Model),
        "keras x32": lambda: fit_form(name, keras.Model, steps_per_execution=32),
        "kerascope": lambda: fit_form(name, Model),
        "keras + observer": lambda: fit_form(name, keras.Model, [observer]),
        "kerascope + observer": lambda: fit_form(name, Model, [observer]),
    }
    if keras.config.backend() == "torch":
        del makers["keras x32"]
    if jax and name != "f":
        makers["by hand: jitted step"] = lambda: hand_step(name)
        if name != "c":
            makers["by hand: epoch scan"] = lambda: hand_scan(name)
    first, runs = {}, {}
    for form, make in makers.items():
        runs[form] = make()
        started = time.perf_counter()
        runs[form]()
        first[form] = time.perf_counter() - started
        runs[form]()
    times = {form: [] for form in runs}
    for _ in range(rounds):
        for form, run in runs.items():
            started = time.perf_counter()
            run()
            times[form].append(time.perf_counter() - started)
    return {"first": first, "times": times, "steps": STEPS[name]}


def child(backend, name, rounds):
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, __file__, "--child", name, "--rounds", str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=1800)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def row(name, found):
    base = found["times"]["keras"]

    def relative(form):
        if form not in found["times"]:
            return "-"
        against = found["times"]["keras + observer"] if form == "kerascope + observer" else base
        ratios = [one / two for one, two in zip(against, found["times"][form], strict=True)]
        return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"

    rate = found["steps"] / statistics.median(base)
    forms = [relative(form) for form in (*FORMS[1:], "kerascope + observer")]
    compare = found["first"]["kerascope"] / found["first"]["keras"]
    return [f"({name}) {NETS[name]}", f"{rate:,.0f}", *forms, f"{compare:.2f}"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--backends", default="jax,tensorflow,torch")
    parser.add_argument("--nets", default="a,b,c,d,e,f")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child")
    chosen = parser.parse_args()
    if chosen.child:
        sys.stdout.write(json.dumps(measure(chosen.child, chosen.rounds)) + "\n")
        return
    sys.path.insert(0, str(Path(__file__).parent))
    import _report

    heads = [
        "net",
        "Keras' fit, steps/s",
        "Keras, steps_per_execution=32",
        "**kerascope**",
        "by hand: jitted step",
        "by hand: epoch scan",
        "**kerascope**, observer of every batch (against Keras with the same)",
        "first fit, time against Keras'",
    ]
    for backend in chosen.backends.split(","):
        rows = []
        for name in chosen.nets.split(","):
            rows.append(row(name, child(backend, name, chosen.rounds)))
            print(rows[-1], flush=True)
        _report.write(
            f"Training steps on {backend}",
            "How many training steps a second does `fit` make? Times as fast as `keras.Model.fit`: median (lowest-highest) of the rounds.",
            heads,
            rows,
            f"{chosen.rounds} rounds; the machine had a load of {os.getloadavg()[0]:.1f} at the end, other programs included.",
        )


if __name__ == "__main__":
    main()
