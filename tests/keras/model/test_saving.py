"""Laws of making models: class dispatch, subclasses, `classic`, files, pickles, clones."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest

from kerascope.keras.model import Model, classic, load_model
from kerascope.keras.model.legacy_files import make_optimizer
from tests.keras.model.nets import KERNEL, L, compiled, double, expected, features, mse, single, targets

X, Y = features(), targets()
LOSS = mse(Y, expected(X))


def test_functional_construction_leaves_our_class_alone():
    a = keras.Input((3,), name="in")
    model = Model(inputs=a, outputs=L.Dense(2, name="out")(a))
    assert isinstance(model, Model)
    assert isinstance(model, keras.Model)
    assert not hasattr(Model, "_inputs_struct")
    assert Model.__bases__ == (keras.Model,)
    assert [layer.name for layer in model.layers] == ["in", "out"]

    class Own(Model):
        def __init__(self):
            super().__init__()
            self.dense = L.Dense(2)

        def call(self, x):
            return self.dense(x)

    assert compiled(Own()).predict(X).shape == (10, 2)


def test_lists_of_inputs_and_outputs():
    a, b = keras.Input((2,)), keras.Input((3,))
    model = Model(inputs=[a, b], outputs=[L.Dense(2)(a), L.Dense(3)(b), L.Dense(6)(b)])
    shapes = [one.shape for one in model.predict([np.ones((4, 2)), np.ones((4, 3))])]
    assert shapes == [(4, 2), (4, 3), (4, 6)]


def test_a_subclass_may_be_functional_with_a_train_step_of_its_own():
    class Doubled(Model):
        extra = 3

        def compute_loss(self, *args, **kwargs):
            return 2 * super().compute_loss(*args, **kwargs)

    a = keras.Input((3,))
    model = Doubled(a, L.Dense(2, use_bias=False)(a))
    assert isinstance(model, Doubled)
    assert model.extra == 3
    model.set_weights([KERNEL])
    assert compiled(model).test_on_batch(X, Y) == pytest.approx(2 * LOSS, rel=1e-5)
    assert isinstance(Doubled(a, L.Dense(1)(a)), Doubled)
    assert Doubled.__bases__ == (Model,)
    config = model.get_config()
    assert isinstance(Doubled.from_config(config), Doubled)


def test_a_subclass_may_build_its_graph_in_its_constructor():
    class Small(Model):
        def __init__(self, units, depth):
            a = keras.Input((3,))
            super().__init__(inputs=a, outputs=L.Dense(units)(a))
            self.depth = depth

    model = Small(2, 5)
    assert isinstance(model, Small)
    assert model.depth == 5
    assert compiled(model).predict(X).shape == (10, 2)


def test_subclassed_models_have_the_classic_returns():
    class Two(Model):
        def __init__(self):
            super().__init__()
            self.a = L.Dense(2)
            self.b = L.Dense(1)

        def call(self, x):
            return self.a(x), self.b(x)

    model = compiled(Two(), ["mse", "mae"], ["mse"])
    values = model.train_on_batch(X, [Y, Y[:, :1]])
    assert model.metrics_names == ["loss", "output_1_loss", "output_2_loss", "output_1_mse", "output_2_mse"]
    assert len(values) == 5
    assert [one.shape for one in model.predict(X)] == [(10, 2), (10, 1)]


def test_models_of_plain_keras_become_classic_in_place():
    plain = keras.Sequential([keras.Input((3,)), L.Dense(2, use_bias=False)])
    plain.set_weights([KERNEL])
    plain.compile(keras.optimizers.SGD(0.0), "mse", metrics=["accuracy"], run_eagerly=True)
    optimizer, kernel = plain.optimizer, plain.weights[0]
    model = classic(plain)
    assert model is plain
    assert isinstance(model, keras.Sequential)
    assert isinstance(model, Model)
    assert model.weights[0] is kernel
    assert model.optimizer is optimizer
    assert model.metrics_names == ["loss", "accuracy"]
    assert model.evaluate(X, Y, verbose=0)[0] == pytest.approx(LOSS, rel=1e-5)
    assert classic(model) is model
    with pytest.raises(TypeError, match="Keras model"):
        classic("model")


def test_an_unbuilt_sequential_learns_its_shape_from_data():
    model = compiled(classic(keras.Sequential([L.Dense(2)])))
    assert len(model.fit(X, Y, verbose=0).history["loss"]) == 1
    assert model.predict(X).shape == (10, 2)
    with pytest.raises(ValueError, match="expected"):
        model.predict(X[:, :2])


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_files_open_here_and_in_plain_keras(tmp_path, suffix):
    path = tmp_path / f"model{suffix}"
    model = compiled(double(), ["mse", "mae"], {"oa": "mae"}, loss_weights=[1.0, 2.0])
    wanted = model.evaluate([X, X], [Y, Y[:, :1]], verbose=0)
    model.save(path)
    # Plain Keras cannot compile from an HDF5 file that names its loss by a short name.
    plain = keras.saving.load_model(path, compile=suffix == ".keras")
    assert not isinstance(plain, Model)
    np.testing.assert_allclose(plain.predict([X, X], verbose=0)[0], expected(X), rtol=1e-5)
    loaded = load_model(path)
    assert isinstance(loaded, Model)
    assert loaded.metrics_names == model.metrics_names
    assert loaded.evaluate([X, X], [Y, Y[:, :1]], verbose=0) == pytest.approx(wanted, rel=1e-5)


def test_optimizers_of_keras_2_files_are_understood():
    config = {"class_name": "Adam", "config": {"lr": 0.25, "decay": 0.0, "beta_1": 0.5, "amsgrad": False}}
    optimizer = make_optimizer(config)
    assert type(optimizer).__name__ == "Adam"
    assert float(optimizer.learning_rate) == 0.25
    assert optimizer.beta_1 == 0.5


def test_a_file_opens_in_a_process_that_does_not_know_us(tmp_path):
    path = tmp_path / "model.keras"
    compiled().save(path)
    code = f"import keras, sys; m = keras.saving.load_model({str(path)!r}); print(type(m).__name__, 'kerascope' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.split() == ["Functional", "False"]


def test_pickles_copies_and_clones_stay_classic():
    model = compiled(metrics=["mae"])
    for made in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert isinstance(made, Model)
        assert made.metrics_names == ["loss", "mae"]
        assert made.test_on_batch(X, Y)[0] == pytest.approx(LOSS, rel=1e-5)
    cloned = keras.models.clone_model(model)
    assert isinstance(cloned, Model)
    assert cloned.predict(X).shape == (10, 2)


def test_a_custom_train_step_is_used_and_its_logs_are_kept():
    class Own(Model):
        def train_step(self, *args):
            result = super().train_step(*args)
            logs, rest = (result[0], result[1:]) if isinstance(result, tuple) else (result, ())
            logs = {"mine": logs["loss"]}
            return (logs, *rest) if rest else logs

    a = keras.Input((3,))
    model = Own(a, L.Dense(2, use_bias=False)(a))
    model.set_weights([KERNEL])
    history = compiled(model).fit(X, Y, verbose=0).history
    assert list(history) == ["mine"]
    assert history["mine"] == pytest.approx([LOSS], rel=1e-4)


def test_a_file_keeps_the_optimizer_also_after_the_model_was_written_as_hdf5(tmp_path):
    model = compiled(optimizer="adam")
    model.fit(X, Y, epochs=2, verbose=0)
    model.save(tmp_path / "one.h5")
    model.save(tmp_path / "two.keras")
    loaded = keras.models.load_model(tmp_path / "two.keras")
    assert isinstance(loaded.optimizer, keras.optimizers.Adam)
    assert int(loaded.optimizer.iterations) == int(model.optimizer.iterations) > 0


def test_single_uses_plain_names():
    assert type(single()).__name__ == "Functional"
