"""Laws of the engine on JAX and TensorFlow: chunks, single steps and plain Keras give the same training."""

from __future__ import annotations

import subprocess
import sys

import keras
import numpy as np
import pytest

from kerascope.keras.model import Model
from kerascope.keras.model.engine.chunks import BatchReader
from kerascope.keras.model.engine.plan import chunk_limit, steps_within
from kerascope.keras.model.prepare import Prepared
from kerascope.keras.model.sources import ArraySource
from tests.keras.model.nets import Batches, L, rewinder, single

if keras.config.backend() == "jax":
    from kerascope.keras.model.engine.programs import jax as programs

pytestmark = pytest.mark.skipif(keras.config.backend() == "torch", reason="PyTorch runs step by step")
jax_only = pytest.mark.skipif(keras.config.backend() != "jax", reason="about programs of JAX")

tensorflow_only = pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="about graphs of TensorFlow")


class Steps(keras.callbacks.Callback):
    """Has a batch hook, so that steps must run one by one."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append((batch, logs["size"], logs["loss"], logs["mae"]))


class Observer(Steps):
    """Says that it only observes."""

    async_safe = True


class Extremes(keras.metrics.Metric):
    """No mean, and several values under names of its own."""

    def __init__(self, name="extremes"):
        super().__init__(name=name)
        self.low = self.add_weight(name="low", initializer="zeros")
        self.high = self.add_weight(name="high", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.low.assign(keras.ops.minimum(self.low, keras.ops.min(y_pred - y_true)))
        self.high.assign(keras.ops.maximum(self.high, keras.ops.max(y_pred - y_true)))

    def result(self):
        # Values of their own: Keras on TensorFlow reads variables only after the validation has changed them.
        return {"lowest": self.low + 0.0, "highest": self.high + 0.0}


def dense(a):
    return L.Dense(2)(L.Dropout(0.3)(L.BatchNormalization()(L.Dense(8, activation="relu")(L.Flatten()(a)))))


def convolution(a):
    return L.Dense(2)(L.Flatten()(L.Conv2D(2, 2)(a)))


def recurrent(a):
    return L.Dense(2)(L.LSTM(4)(L.Reshape((4, 4))(a)))


NETS = {"dense": dense, "convolution": convolution, "recurrent": recurrent}


def make(cls, net, outputs=1):
    keras.utils.set_random_seed(3)
    a = keras.Input((4, 4, 1))
    made = [NETS[net](a) for _ in range(outputs)]
    model = cls(a, made if outputs > 1 else made[0])
    metrics = ["mae"] if outputs == 1 else [["mae"], ["mae"]]
    model.compile(optimizer="adam", loss="mse", metrics=metrics)
    return model


def train(model, callbacks=(), *, again=False, samples=44, weights=None, outputs=1, epochs=2):
    """Trains; a model that trains `again` is built already and draws no permutation for that."""
    np.random.seed(3)
    if again:
        np.random.permutation(samples - samples // 4)
    rng = np.random.default_rng(1)
    x = rng.random((samples, 4, 4, 1)).astype("float32")
    y = rng.random((samples, 2)).astype("float32")
    history = model.fit(
        x,
        y if outputs == 1 else [y] * outputs,
        batch_size=8,
        epochs=epochs,
        verbose=0,
        callbacks=list(callbacks),
        sample_weight=weights,
        validation_split=0.25,
    )
    plan = getattr(model, "execution_plan", None)
    return history.history, [np.array(value) for value in model.get_weights()], plan


@pytest.mark.parametrize("net", NETS)
def test_chunks_steps_and_keras_train_alike(net):
    by_step, observer = Steps(), Observer()
    model = make(Model, net)
    rewind = rewinder(model)
    history, weights, fast = train(model)
    rewind()
    _, observed, _ = train(model, [observer], again=True)
    rewind()
    step_history, stepped, slow = train(model, [by_step], again=True)
    keras_history, wanted, _ = train(make(keras.Model, net))
    for one, two, three in zip(weights, observed, stepped, strict=True):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, three)
    assert history == step_history
    assert observer.seen == by_step.seen
    assert [seen[:2] for seen in observer.seen] == [(0, 8), (1, 8), (2, 8), (3, 8), (4, 1)] * 2
    for one, two in zip(weights, wanted, strict=True):
        np.testing.assert_allclose(one, two, atol=2e-5)
    for name, values in keras_history.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-4)
    assert fast.by_step is None
    assert slow.by_step == "Steps"
    # On a busy machine the clock may have asked for a trial in between; only that may change the form.
    assert fast.form == slow.form or "(measured)" in slow.reason
    assert fast.reason


def test_many_single_steps_under_way_are_told_in_order():
    by_step, observer = Steps(), Observer()
    model = make(Model, "convolution")
    rewind = rewinder(model)
    history, weights, _ = train(model, [observer], samples=800, epochs=1)
    rewind()
    step_history, stepped, _ = train(model, [by_step], again=True, samples=800, epochs=1)
    assert [seen[0] for seen in observer.seen] == list(range(75))
    assert observer.seen == by_step.seen
    assert history == step_history
    for one, two in zip(weights, stepped, strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("net", ["dense", "convolution"])
def test_metrics_that_are_no_means_come_to_the_same_as_in_keras(net):
    def run(cls):
        model = make(cls, net)
        auc = keras.metrics.AUC(name="auc")
        metrics = [auc, keras.metrics.F1Score(threshold=0.5), keras.metrics.R2Score(), Extremes()]
        model.compile("adam", "mse", metrics=metrics)
        np.random.seed(3)
        rng = np.random.default_rng(1)
        x, y = rng.random((44, 4, 4, 1)).astype("float32"), rng.integers(0, 2, (44, 2)).astype("float32")
        fitted = model.fit(x, y, batch_size=8, epochs=2, verbose=0, validation_data=(x[:20], y[:20]))
        return fitted.history, model.evaluate(x, y, batch_size=8, verbose=0, return_dict=True)

    (history, values), (keras_history, keras_values) = run(Model), run(keras.Model)
    names = {"loss", "auc", "f1_score", "r2_score", "lowest", "highest"}
    assert set(history) == set(keras_history) == names | {f"val_{name}" for name in names}
    assert set(values) == set(keras_values) == names
    for name, wanted in keras_history.items():
        np.testing.assert_allclose(np.array(history[name]), np.array(wanted), rtol=1e-3, atol=1e-5)
    for name, wanted in keras_values.items():
        np.testing.assert_allclose(values[name], wanted, rtol=1e-3, atol=1e-5)


def test_several_outputs_and_weights_train_as_in_keras():
    weights = np.linspace(0, 2, 44).astype("float32")
    arguments = {"weights": [weights, weights], "outputs": 2, "epochs": 1}
    history, ours, _ = train(make(Model, "dense", 2), **arguments)
    keras_history, theirs, _ = train(make(keras.Model, "dense", 2), **arguments)
    for one, two in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, two, atol=2e-5)
    assert history["loss"] == pytest.approx(keras_history["loss"], rel=1e-4)


def test_generators_run_in_chunks_too():
    model = single()
    model.compile(keras.optimizers.SGD(0.0), "mse", ["mae"])
    observer = Observer()
    model.fit_generator(Batches(), verbose=0, shuffle=False, callbacks=[observer])
    assert model.execution_plan.form == "loop"
    assert [seen[0] for seen in observer.seen] == list(range(6))


def test_callbacks_that_ask_for_the_model_find_its_present_weights():
    found = []

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            found.append(self.model.get_weights()[0].copy())

    model = single()
    model.compile("sgd", "mse", ["mae"])
    x, y = np.ones((6, 3), "float32"), np.zeros((6, 2), "float32")
    model.fit(x, y, batch_size=2, verbose=0, callbacks=[Look()])
    assert len({one.tobytes() for one in found}) == 3
    np.testing.assert_array_equal(found[-1], model.get_weights()[0])


def test_weights_set_in_a_batch_hook_count():
    class Zero(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.set_weights([np.zeros((3, 2), "float32")])

    model = single()
    model.compile("sgd", "mse", ["mae"])
    model.fit(np.ones((6, 3)), np.ones((6, 2)), batch_size=2, verbose=0, callbacks=[Zero()])
    assert not model.get_weights()[0].any()


def test_an_evaluation_in_a_batch_hook_leaves_the_weights_as_they_are():
    x, y = np.ones((6, 3), "float32"), np.zeros((6, 2), "float32")
    model = single()
    model.compile("sgd", "mse", ["mae"])
    begin = model.get_weights()
    model.fit(x, y, batch_size=2, verbose=0)
    wanted = model.get_weights()[0]
    model.set_weights(begin)
    look = keras.callbacks.LambdaCallback(on_train_batch_end=lambda *_: model.evaluate(x, y, batch_size=2, verbose=0))
    model.fit(x, y, batch_size=2, verbose=0, callbacks=[look])
    np.testing.assert_array_equal(model.get_weights()[0], wanted)


@jax_only
def test_programs_are_reused_between_fits_and_batches():
    model = single()
    model.compile("sgd", "mse", ["mae"])
    x, y = np.ones((20, 3), "float32"), np.zeros((20, 2), "float32")
    model.fit(x, y, batch_size=8, epochs=2, verbose=0)
    programs = model._engine_cache
    made = dict(programs._loops)
    model.fit(x, y, batch_size=8, verbose=0)
    model.train_on_batch(x[:8], y[:8])
    assert dict(programs._loops) == made
    # One for full batches, one for the short last batch.
    assert len(made) == 2
    assert all(program._cache_size() == 1 for program in made.values())


@tensorflow_only
def test_a_first_fit_traces_the_step_once():
    traced = []

    class Told(L.Layer):
        def call(self, inputs, training=False):
            traced.append(training)
            return inputs

    a = keras.Input((3,))
    model = Model(a, L.Dense(2)(Told()(a)))
    model.compile("adam", "mse", ["mae"])
    traced.clear()
    model.fit(np.ones((16, 3)), np.ones((16, 2)), batch_size=8, epochs=2, verbose=0)
    assert traced.count(True) == 1


@tensorflow_only
def test_what_only_steps_of_the_user_know_is_built_by_tracing():
    class Own(Model):
        def __init__(self):
            super().__init__()
            self.inner = L.Dense(2)
            self.inner.build((None, 3))

        def train_step(self, data):
            parts = self.inner.trainable_variables
            self.optimizer.apply([keras.ops.ones_like(one) for one in parts], parts)
            return {"own": keras.ops.mean(self.inner(data[0]))}

    model = Own()
    model.compile(keras.optimizers.SGD(0.5), "mse")
    before = model.get_weights()
    history = model.fit(np.ones((8, 3)), np.ones((8, 5)), batch_size=4, verbose=0).history
    assert list(history) == ["own"]
    for one, two in zip(before, model.get_weights(), strict=True):
        np.testing.assert_allclose(two, one - 1.0, rtol=1e-6)


def test_a_first_fit_loads_no_more_of_the_package():
    code = """
import sys
import keras
import numpy as np
from kerascope.keras import Model

a = keras.Input((3,))
model = Model(a, keras.layers.Dense(2)(a))
model.compile("sgd", "mse")
before = set(sys.modules)
model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
print([name for name in set(sys.modules) - before if name.startswith("kerascope")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.split() == ["[]"]


def test_eager_models_go_through_keras():
    model = single()
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    assert model.execution_plan.form == "keras"
    assert "eager" in model.execution_plan.reason


@jax_only
@pytest.mark.parametrize("net", ["convolution", "recurrent"])
def test_trying_the_other_form_leaves_results_as_they_are(net, monkeypatch):
    history, weights, _ = train(make(Model, net), epochs=3)
    monkeypatch.setattr(programs, "PAYBACK", 0.0)
    monkeypatch.setattr(programs, "_TRIALS", {})
    tried_history, tried_weights, plan = train(make(Model, net), epochs=3)
    assert "(measured)" in plan.reason
    assert tried_history == history
    for one, two in zip(weights, tried_weights, strict=True):
        np.testing.assert_array_equal(one, two)


@jax_only
def test_the_other_form_waits_until_training_has_paid_for_it(monkeypatch):
    monkeypatch.setattr(programs, "_TRIALS", {})
    model = make(Model, "convolution")
    known = programs.Programs(model)
    object.__setattr__(model, "_engine_cache", known)
    known.took(1000.0, first=True)
    _, _, plan = train(model, epochs=1)
    assert plan.form == "step"
    assert "a long training will try the other" in plan.reason
    assert not known.is_doubtful()
    known.took(2000.0 * programs.PAYBACK, first=False)
    assert known.is_doubtful()
    _, _, plan = train(model, again=True, epochs=1)
    assert "(measured)" in plan.reason
    assert not known.is_doubtful()


@jax_only
def test_a_form_is_changed_only_for_a_faster_one_with_the_same_bits():
    assert programs.Trial(3.0, True).verdict("loop")[0] == "step"
    assert programs.Trial(0.5, True).verdict("step")[0] == "loop"
    assert programs.Trial(3.0, False).verdict("loop")[0] == "loop"
    assert programs.Trial(3.0, False).verdict("step")[0] == "step"
    assert programs.Trial(0.99, True).verdict("step")[0] == "step"
    assert "last bits" in programs.Trial(0.5, False).verdict("step")[1]


def test_chunk_sizes_respect_steps_bytes_and_time():
    assert chunk_limit(10, 1, most=64, most_bytes=100) == 10
    assert chunk_limit(None, 1, most=64, most_bytes=100) == 64
    assert chunk_limit(1000, 30, most=64, most_bytes=100) == 3
    assert chunk_limit(1000, 1000, most=64, most_bytes=100) == 1
    assert steps_within(None, 64) == 64
    assert steps_within(0.01, 64) == 8
    assert steps_within(5.0, 64) == 1


@pytest.mark.parametrize("shuffle", [False, True, "batch"])
def test_chunks_hold_the_batches_of_the_source(shuffle):
    x = np.arange(44, dtype="float32").reshape(22, 2)
    source = ArraySource(Prepared(x, x[:, :1], None, 22), 4, shuffle, None)
    np.random.seed(0)
    wanted = list(source.epoch())
    np.random.seed(0)
    reader, got = BatchReader(source), []
    while group := reader.group(3):
        chunk = reader.chunk(group, 3)
        assert chunk[2] is None
        assert chunk[0].shape == (3, reader.samples(group[0]), 2)
        got += [(chunk[0][place], chunk[1][place]) for place in range(len(group))]
    assert len(got) == 6
    for (a, b), (c, d, _) in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(b, d)
