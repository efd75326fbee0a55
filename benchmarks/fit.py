"""How many training steps a second does `fit` make, beside Keras' own fit and loops written by hand? What does a first `fit` cost, and how fast is
`predict`?

Each net and backend runs in a process of its own; the forms take turns, round by round, so that load on the machine hits all of them. Numbers are
relative to `keras.Model.fit` (steps_per_execution=1) of the same round. Hand-written forms are for JAX. First fits and peak memory are taken in
fresh processes, one for Keras and one for kerascope, in turns.

    python benchmarks/fit.py [--backends jax,tensorflow,torch] [--nets a,b,c,d,e,f] [--rounds 5] [--first-rounds 2] [--predict-rounds 2]
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
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
STEPS = {"a": 1000, "b": 300, "c": 160, "d": 200, "e": 80, "f": 300}
BATCH = {"a": 32, "b": 32, "c": 64, "d": 32, "e": 16, "f": 32}
FORMS = ("keras", "keras x32", "kerascope", "by hand: jitted step", "by hand: epoch scan")
WATCHED = {"keras": "keras + callback", "kerascope": "kerascope + callback"}
# Rows that `predict` takes; fewer where Keras would need minutes.
PREDICT_ROWS = {"jax": 1_000_000, "tensorflow": 200_000, "torch": 200_000}


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


def watcher():
    from kerascope.keras import WandbCallback

    return WandbCallback(log_batch_frequency=1)


def model_class(form):
    if form == "keras":
        import keras

        return keras.Model
    from kerascope.keras.model import Model

    return Model


def measure(name, rounds):
    import keras

    import kerascope

    jax = keras.config.backend() == "jax"
    ours = model_class("kerascope")
    makers = {
        "keras": lambda: fit_form(name, keras.Model),
        "keras x32": lambda: fit_form(name, keras.Model, steps_per_execution=32),
        "kerascope": lambda: fit_form(name, ours),
        "keras + callback": lambda: fit_form(name, keras.Model, [watcher]),
        "kerascope + callback": lambda: fit_form(name, ours, [watcher]),
    }
    if keras.config.backend() == "torch":
        del makers["keras x32"]
    if jax and name != "f":
        makers["by hand: jitted step"] = lambda: hand_step(name)
        # Convolutions in a scan run for minutes on the CPU.
        if name != "c":
            makers["by hand: epoch scan"] = lambda: hand_scan(name)
    with tempfile.TemporaryDirectory() as folder:
        kerascope.init(project="bench", dir=folder)
        runs = {form: make() for form, make in makers.items()}
        for run in runs.values():
            run()
            run()
        times = {form: [] for form in runs}
        for _ in range(rounds):
            for form, run in runs.items():
                started = time.perf_counter()
                run()
                times[form].append(time.perf_counter() - started)
        kerascope.finish()
    return {"times": times, "steps": STEPS[name]}


def measure_first(name, form):
    """The wall time of a first `fit` in this process, and the peak memory of the process after a second one."""
    run = fit_form(name, model_class(form))
    # Else chance decides in which fit the pause falls that goes through all that the imports left: 0.3 s here.
    gc.collect()
    started = time.perf_counter()
    run()
    first_s = time.perf_counter() - started
    run()
    return {"first_s": first_s, "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def measure_predict(rows, rounds):
    import numpy as np

    models = {form: build("b", model_class(form)) for form in ("keras", "kerascope")}
    x = np.empty((rows, 784), "float32")
    x[:] = np.random.default_rng(0).random(784, dtype="float32")
    times = {form: [] for form in models}
    for model in models.values():
        model.predict(x[: 32 * 200], verbose=0)
    for _ in range(rounds):
        for form, model in models.items():
            started = time.perf_counter()
            model.predict(x, verbose=0)
            times[form].append(time.perf_counter() - started)
    return {"times": times}


def child(backend, *arguments):
    """What a fresh process with this backend finds out."""
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", "KERASCOPE_SILENT": "true"}
    command = [sys.executable, __file__, "--child", *(str(one) for one in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=1800)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def ratios(one, two):
    """How many times as long `one` took, as median (lowest-highest) of the rounds."""
    found = [a / b for a, b in zip(one, two, strict=True)]
    return f"{statistics.median(found):.2f} ({min(found):.2f}-{max(found):.2f})"


def step_row(backend, name, chosen):
    """The row of one net: speeds, first fit and memory."""
    found = child(backend, "steps", name, chosen.rounds)
    times = found["times"]
    rate = found["steps"] / statistics.median(times["keras"])
    forms = [ratios(times["keras"], times[form]) if form in times else "-" for form in FORMS[1:]]
    watched = ratios(times[WATCHED["keras"]], times[WATCHED["kerascope"]])
    firsts = {"keras": [], "kerascope": []}
    # PyTorch compiles nothing: once is enough.
    for _ in range(1 if backend == "torch" else chosen.first_rounds):
        for form, results in firsts.items():
            results.append(child(backend, "first", name, form))
    first = ratios(*([one["first_s"] for one in firsts[form]] for form in ("kerascope", "keras")))
    peak = ratios(*([one["peak_kib"] for one in firsts[form]] for form in ("kerascope", "keras")))
    return [f"({name}) {NETS[name]}", f"{rate:,.0f}", *forms, watched, first, peak]


def predict_row(backend, chosen):
    """What `predict` does on one backend, with batches of 32."""
    rows = chosen.predict_rows or PREDICT_ROWS[backend]
    times = child(backend, "predict", rows, chosen.predict_rounds)["times"]
    rate = rows / statistics.median(times["keras"])
    return [f"{rows:,}", f"{rate:,.0f}", ratios(times["keras"], times["kerascope"])]


def run_child(what, *arguments):
    if what == "steps":
        return measure(arguments[0], int(arguments[1]))
    if what == "first":
        return measure_first(*arguments)
    return measure_predict(int(arguments[0]), int(arguments[1]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--backends", default="jax,tensorflow,torch")
    parser.add_argument("--nets", default="a,b,c,d,e,f", help="nets to train; empty for none")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--first-rounds", type=int, default=2)
    parser.add_argument("--predict-rounds", type=int, default=2, help="0 leaves predict out")
    parser.add_argument("--predict-rows", type=int, help="rows to predict in place of the usual number")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        sys.stdout.write(json.dumps(run_child(*chosen.child)) + "\n")
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
        "**kerascope** with `WandbCallback(log_batch_frequency=1)` (against Keras with the same)",
        "first fit, time against Keras'",
        "peak memory against Keras'",
    ]
    for backend in chosen.backends.split(","):
        rows = []
        for name in filter(None, chosen.nets.split(",")):
            rows.append(step_row(backend, name, chosen))
            print(rows[-1], flush=True)
        if rows:
            _report.write(
                f"Training steps on {backend}",
                "How many training steps a second does `fit` make? Times as fast as `keras.Model.fit`: median (lowest-highest) of the rounds. "
                "The last two columns are taken in fresh processes: less is better. `python benchmarks/fit.py`",
                heads,
                rows,
                f"{chosen.rounds} rounds, {chosen.first_rounds} of first fits.",
            )
        if chosen.predict_rounds:
            # A section of its own, so that a run on one backend leaves what was measured on the others, and when.
            _report.write(
                f"Predicting on {backend}",
                "How fast is `predict` through the MLP 784-128-10, batches of 32? Times as fast as `keras.Model.predict`: median (lowest-highest) "
                f"of {chosen.predict_rounds} rounds. `python benchmarks/fit.py --nets ''`",
                ["rows", "Keras' predict, rows/s", "**kerascope**"],
                [predict_row(backend, chosen)],
            )


if __name__ == "__main__":
    main()
