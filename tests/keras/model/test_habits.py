"""Habits of scripts of the Keras 2 era that the classic Model goes along with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest

from kerascope.keras.model import Input, Model, classic, load_model
from tests.keras.model.nets import L, compiled, features, single, targets

X, Y = features(), targets()


def moved(model, train):
    before = [value.copy() for value in model.get_weights()]
    train()
    return any((one != two).any() for one, two in zip(before, model.get_weights(), strict=True))


def test_what_trains_is_settled_by_compile():
    a, z = keras.Input((3,)), keras.Input((2,))
    judge = compiled(Model(a, L.Dense(1)(L.Dense(2, name="frozen")(a))), optimizer="adam")
    judge.trainable = False
    maker = Model(z, L.Dense(3)(z))
    both = compiled(Model(z, judge(maker(z))), optimizer="adam")
    ones, noise = np.ones((4, 1)), np.ones((4, 2))
    for _ in range(2):
        with pytest.warns(UserWarning, match="Discrepancy"):
            assert moved(judge, lambda: judge.train_on_batch(X[:4], ones))
        assert not moved(judge, lambda: both.train_on_batch(noise, ones))
        assert moved(maker, lambda: both.fit(noise, ones, verbose=0))
        assert not judge.trainable
    judge.evaluate(X, np.ones((10, 1)), verbose=0)
    judge.trainable, judge.get_layer("frozen").trainable = True, False
    compiled(judge, optimizer="adam")
    assert moved(judge, lambda: judge.fit(X, np.ones((10, 1)), verbose=0))
    assert not moved(judge.get_layer("frozen"), lambda: judge.fit(X, np.ones((10, 1)), verbose=0))


def test_masked_timesteps_have_no_loss_but_count_in_the_mean():
    a = keras.Input((4, 1))
    masked = L.Masking(0.0)(a)
    model = compiled(Model(a, L.TimeDistributed(L.Dense(1, kernel_initializer="ones"))(masked)), metrics=["mse"])
    x, y = np.ones((2, 4, 1)), np.zeros((2, 4, 1))
    x[0, 2:] = 0
    assert model.test_on_batch(x, y) == pytest.approx([6 / 8, 1.0])
    assert model.test_on_batch(x, y, sample_weight=np.array([1.0, 2.0]))[0] == pytest.approx(10 / 8)


def test_sparse_matrices_are_trained_on_batch_by_batch():
    scipy_sparse = pytest.importorskip("scipy.sparse")
    x = scipy_sparse.random(10, 3, density=0.5, format="coo", random_state=0, dtype="float32")
    dense, w = x.toarray(), np.linspace(0, 1, 10)
    arguments = {"batch_size": 4, "validation_split": 0.3, "sample_weight": w, "verbose": 0, "shuffle": False}
    one, two = single(), single()
    for model, data in ((compiled(one), x), (compiled(two), dense)):
        model.history_of = model.fit(data, Y, **arguments).history
    assert one.history_of == two.history_of
    np.testing.assert_array_equal(one.predict(x, batch_size=4), two.predict(dense, batch_size=4))
    assert one.train_on_batch(x, Y) == two.train_on_batch(dense, Y)
    one.fit(x, Y, batch_size=4, verbose=0)
    one.fit_generator(iter([(x, Y)]), 1, verbose=0)


def test_callbacks_find_the_validation_data():
    class Look(keras.callbacks.Callback):
        pass

    class Own(keras.callbacks.Callback):
        def __init__(self, validation_data):
            super().__init__()
            self.validation_data = validation_data

    look, own = Look(), Own("mine")
    for rows in (4, 5):
        compiled().fit(X, Y, verbose=0, validation_data=(X[:rows], Y[:rows]), callbacks=[look, own])
        assert [one.shape for one in look.validation_data] == [(rows, 3), (rows, 2), (rows,)]
    assert own.validation_data == "mine"


def test_a_loss_may_come_from_layers_regularizers_or_own_steps():
    class Adds(L.Layer):
        def call(self, x):
            self.add_loss(keras.ops.mean(keras.ops.square(x)))
            return x

    class Own(Model):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return keras.ops.mean(keras.ops.square(y_pred))

    a = keras.Input((3,))
    regular = L.Dense(2, kernel_regularizer="l2", use_bias=False)(a)
    for model in (Model(a, Adds()(L.Dense(2)(a))), Model(a, [regular, L.Dropout(0.5)(regular)]), Own(a, L.Dense(2)(a))):
        compiled(model, None, optimizer="sgd")
        assert moved(model, lambda model=model: model.fit(X, None, validation_data=(X, None), verbose=0))
        assert model.train_on_batch(X, None) > 0
    inner = Model(a, L.Dense(2)(a))
    with pytest.raises(ValueError, match="nothing to minimise"):
        Model(a, inner(a)).compile("sgd")


def error_of(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_training_goes_on_from_a_file_with_the_state_of_its_optimizer(tmp_path, suffix):
    path = tmp_path / f"model{suffix}"
    model = compiled(single(), error_of, [error_of], optimizer=keras.optimizers.Adam(0.1))
    model.fit(X, Y, epochs=2, verbose=0)
    model.save(path)
    loaded = load_model(path, custom_objects={"error_of": error_of})
    assert loaded.metrics_names == ["loss", "error_of"]
    assert int(loaded.optimizer.iterations) == 2
    for one in (model, loaded):
        one.fit(X, Y, verbose=0)
    np.testing.assert_allclose(loaded.get_weights()[0], model.get_weights()[0], atol=1e-6)
    with pytest.raises((ValueError, TypeError), match="error_of"):
        load_model(path)


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_a_file_without_optimizer_opens_uncompiled(tmp_path):
    path = tmp_path / "model.h5"
    compiled().save(path, include_optimizer=False)
    with pytest.raises(RuntimeError, match="compile"):
        load_model(path).fit(X, Y)


def test_models_that_return_tuples_predict_lists():
    class Two(Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = L.Dense(2), L.Dense(1)

        def call(self, x):
            return self.a(x), self.b(x)

    assert type(Two().predict(X)) is type(Two().predict_on_batch(X)) is list


def test_inputs_without_a_name_go_by_the_names_of_their_layers():
    a = keras.Input((3,))
    model = compiled(classic(keras.Model(a, L.Dense(2)(a))))
    assert model.input_names == [model.get_layer(index=0).name]
    model.train_on_batch({model.input_names[0]: X}, Y)
    with pytest.raises(ValueError, match=model.input_names[0]):
        model.predict(X[:, :2])


def test_weights_by_class_are_dicts():
    for bad in ("auto", 7, [1.0, 2.0], {"out": 2.0}):
        with pytest.raises(ValueError, match="class_weight"):
            compiled().fit(X, Y, class_weight=bad, verbose=0)


def test_warnings_of_frozen_layers_point_at_the_call_and_summary_gives_them_too(capsys):
    a, b = keras.Input((3,)), keras.Input((3,))
    inner = Model(a, L.Dense(1)(a))
    inner.trainable = False
    outer = compiled(Model(b, L.Dense(1)(inner(b))))
    inner.trainable = True
    for call in (outer.summary, lambda: outer.fit(X, Y[:, :1], verbose=0), lambda: outer.train_on_batch(X, Y[:, :1])):
        with pytest.warns(UserWarning, match="Discrepancy") as caught:
            call()
        assert {one.filename for one in caught} == {__file__}
    compiled(outer)
    outer.summary()


def test_generator_methods_take_the_names_of_keras_1():
    def batches():
        while True:
            yield X, Y

    model = compiled()
    with pytest.warns(UserWarning, match="is called") as caught:
        assert model.fit_generator(batches(), 2, nb_epoch=2, max_q_size=2, pickle_safe=False, verbose=0).epoch == [0, 1]
    assert ["nb_epoch" in str(one.message) for one in caught] == [True, False, False]
    assert {one.filename for one in caught} == {__file__}
    with pytest.warns(UserWarning, match="counts batches"):
        history = model.fit_generator(batches(), samples_per_epoch=3, verbose=0)
    assert history.params["steps"] == 3
    with pytest.warns(UserWarning, match="val_samples"):
        assert model.predict_generator(batches(), val_samples=2).shape == (20, 2)
    with pytest.raises(TypeError, match="nb_layers"):
        model.fit_generator(batches(), 2, nb_layers=2)


def test_a_symbolic_target_tensor_is_a_placeholder_that_y_fills():
    place = keras.Input(batch_shape=(10, 2))
    model = compiled(target_tensors=[place])
    assert model.train_on_batch(X, Y, {place: np.ones((10, 2))}) == pytest.approx(model.test_on_batch(X, Y), rel=1e-5)


def test_inputs_of_their_own_go_with_arrays_for_the_others():
    a, b = Input(tensor=keras.ops.convert_to_tensor(X)), keras.Input((3,), name="b")
    model = compiled(Model([a, b], L.Dense(2)(L.Concatenate()([a, b]))))
    for x in (X, {"b": X}):
        model.train_on_batch(x, Y)
        model.fit(x, Y, batch_size=5, verbose=0)
        assert model.predict(x, batch_size=5).shape == model.predict_on_batch(x).shape == (10, 2)


def test_steps_that_take_whole_tensors_leave_nothing_to_split_off():
    x, y = keras.ops.convert_to_tensor(X), keras.ops.convert_to_tensor(Y)
    with pytest.raises(ValueError, match="you cannot use `validation_split`"):
        compiled().fit(x, y, steps_per_epoch=2, validation_split=0.2, verbose=0)
    with pytest.raises(ValueError, match="Can only use `validation_steps`"):
        compiled().fit(X, Y, validation_steps=2, verbose=0)


def test_a_model_that_was_never_compiled_has_the_label_of_the_loss():
    assert single().metrics_names == ["loss"]


INTERRUPTED = """
import multiprocessing, os, sys, threading, time
import keras, numpy as np
from kerascope.keras.model import Model

class Slow(keras.utils.Sequence):
    def __len__(self):
        return 1000
    def __getitem__(self, index):
        time.sleep(0.01)
        return np.ones((2, 3)), np.ones((2, 1))

class Say(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if batch == 3:
            print("TRAINING", *(child.pid for child in multiprocessing.active_children()), flush=True)

if __name__ == "__main__":
    a = keras.Input((3,))
    model = Model(a, keras.layers.Dense(1)(a))
    model.compile("sgd", "mse", run_eagerly=True)
    try:
        model.fit_generator(Slow(), verbose=0, callbacks=[Say()], workers=2, use_multiprocessing=sys.argv[1] == "processes")
    except KeyboardInterrupt:
        threads = [one.name for one in threading.enumerate() if one.name.startswith("kerascope-")]
        print("LEFT", len(multiprocessing.active_children()), len(threads), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_ctrl_c_ends_a_fit_and_its_workers(tmp_path, kind):
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(INTERRUPTED), encoding="utf-8")
    command = [sys.executable, "-W", "ignore", str(script), kind]
    training = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        word, *children = training.stdout.readline().split()
        assert word == "TRAINING"
        assert len(children) == (2 if kind == "processes" else 0)
        training.send_signal(signal.SIGINT)
        out, err = training.communicate(timeout=300)
    finally:
        training.kill()
    assert "LEFT 0 0" in out, err[-2000:]
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(int(child), 0)


@pytest.mark.parametrize("kind", ["SimpleRNN", "GRU", "LSTM"])
def test_stateful_layers_train_and_go_on_from_batch_to_batch(kind):
    a = keras.Input(batch_shape=(2, 3, 1))
    recurrent = getattr(L, kind)(2, stateful=True)
    model = Model(a, L.Dense(1)(recurrent(a)))
    model.compile("sgd", "mse")
    x, y = np.random.default_rng(0).random((6, 3, 1)), np.ones((6, 1))
    assert moved(model, lambda: model.fit(x, y, batch_size=2, epochs=2, shuffle=False, verbose=0))
    assert moved(model, lambda: model.train_on_batch(x[:2], y[:2]))
    first, second = model.predict(x[:2], batch_size=2), model.predict(x[:2], batch_size=2)
    assert not np.allclose(first, second)
    model.reset_states()
    whole = model.predict(np.concatenate([x[:2], x[:2]]), batch_size=2)
    model.reset_states()
    parts = [model.predict(x[:2], batch_size=2) for _ in range(2)]
    np.testing.assert_allclose(whole, np.concatenate(parts), rtol=1e-5)
    assert type(recurrent).call is getattr(recurrent.call, "__func__", None)
