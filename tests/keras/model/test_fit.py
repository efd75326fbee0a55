"""Laws of `fit`: data containers, batches, epochs, validation, shuffling, weights, logs, errors."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from kerascope.keras.model import Model
from tests.keras.model.nets import (
    KERNEL,
    L,
    Record,
    compiled,
    double,
    expected,
    expected_b,
    features,
    mae,
    mse,
    single,
    targets,
)

X, Y, YB = features(), targets(), targets(width=1)
LOSS, LOSS_B = mse(Y, expected(X)), mse(YB, expected_b(X))
ROWS = ((Y - expected(X)) ** 2).mean(1)
ROWS_B = ((YB - expected_b(X)) ** 2).mean(1)


def losses(model, *args, **kwargs):
    kwargs.setdefault("verbose", 0)
    return model.fit(*args, **kwargs).history


@pytest.mark.parametrize("name", ["array", "list", "dict", "python list", "tensor", "frame"])
def test_single_input_data_comes_in_many_containers(name):
    x, y = X, Y
    if name == "list":
        x, y = [X], [Y]
    elif name == "dict":
        x, y = {"in": X}, {"out": Y}
    elif name == "python list":
        x, y = X.tolist(), Y.tolist()
    elif name == "tensor":
        x, y = keras.ops.convert_to_tensor(X), keras.ops.convert_to_tensor(Y)
    elif name == "frame":
        pandas = pytest.importorskip("pandas")
        x, y = pandas.DataFrame(X), pandas.DataFrame(Y)
    assert losses(compiled(), x, y)["loss"] == pytest.approx([LOSS], rel=1e-5)


@pytest.mark.parametrize("name", ["lists", "dicts", "reordered", "extra key"])
def test_several_inputs_and_outputs_by_place_or_by_name(name):
    x, y = [X, X], [Y, YB]
    if name != "lists":
        x, y = {"ia": X, "ib": X}, {"oa": Y, "ob": YB}
    if name == "reordered":
        x, y = {"ib": X, "ia": X}, {"ob": YB, "oa": Y}
    if name == "extra key":
        x = {**x, "zzz": X}
    history = losses(compiled(double()), x, y)
    assert list(history) == ["loss", "oa_loss", "ob_loss"]
    got = [values[0] for values in history.values()]
    assert got == pytest.approx([LOSS + LOSS_B, LOSS, LOSS_B], rel=1e-5)


def test_one_dimensional_targets_get_a_feature_axis():
    def loss(y_true, y_pred):
        assert len(y_true.shape) == 2
        return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)

    a = keras.Input((3,))
    model = compiled(Model(a, L.Dense(1)(a)), loss)
    model.fit(X, YB[:, 0], verbose=0)
    model.train_on_batch(X, YB[:, 0])


BAD_DATA = {
    "missing key": ({"ia": X}, [Y, YB], "ib"),
    "too few inputs": ([X], [Y, YB], "2 array"),
    "too many inputs": ([X, X, X], [Y, YB], "2 array"),
    "too few targets": ([X, X], [Y], "2 array"),
    "wrong feature shape": ([X[:, :2], X], [Y, YB], "expected ia to have shape"),
    "wrong rank": ([X[None], X], [Y, YB], "expected ia to have 2 dimensions"),
    "wrong target shape": ([X, X], [YB, YB], "expected oa to have shape"),
    "lengths differ": ([X, X], [Y[:4], YB], "same number of samples"),
    "inputs differ": ([X, X[:4]], [Y, YB], "same number of samples"),
    "none": (None, [Y, YB], "No input data"),
    "none in list": ([X, None], [Y, YB], "ib"),
    "no targets": ([X, X], None, "No target data"),
    "no samples": ([X[:0], X[:0]], [Y[:0], YB[:0]], "at least one sample"),
    "text": ([[["a"]], X], [Y, YB], "."),
}


@pytest.mark.parametrize("case", BAD_DATA)
def test_data_that_does_not_fit_is_named(case):
    x, y, words = BAD_DATA[case]
    model = compiled(double())
    with pytest.raises(ValueError, match=words):
        model.fit(x, y, verbose=0)
    with pytest.raises(ValueError, match=words):
        model.evaluate(x, y, verbose=0)
    with pytest.raises(ValueError, match=words):
        model.train_on_batch(x, y)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": -1}, "batch_size"),
        ({"epochs": "two"}, "epochs"),
        ({"epochs": -1}, "epochs"),
        ({"verbose": 7}, "verbose"),
        ({"validation_split": 1.5}, "validation_split"),
        ({"validation_split": 0.999}, "validation_split"),
        ({"validation_data": (X,)}, "2 .x_val, y_val. or 3"),
        ({"validation_data": X}, "2 .x_val, y_val. or 3"),
        ({"validation_steps": 1, "validation_data": (X, Y)}, "steps_per_epoch"),
        ({"steps_per_epoch": 0}, "steps_per_epoch"),
        ({"shuffle": "rows"}, "shuffle"),
        ({"validation_freq": 0}, "validation_freq"),
        ({"sample_weight": np.ones(4)}, "shape"),
        ({"sample_weight": np.ones((10, 2))}, "sample_weight_mode"),
        ({"class_weight": {0: 1.0}}, "must contain all classes"),
    ],
)
def test_bad_arguments_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        compiled().fit(X, Y, **{"verbose": 0, **arguments})


def test_unknown_keywords_and_missing_compile_are_refused():
    with pytest.raises(TypeError, match="foo"):
        compiled().fit(X, Y, foo=1)
    for call in ("fit", "evaluate", "train_on_batch", "test_on_batch"):
        with pytest.raises(RuntimeError, match="compile"):
            getattr(single(), call)(X, Y)


def test_batches_epochs_and_params():
    record = Record()
    history = compiled().fit(features(70), targets(70), epochs=5, initial_epoch=2, verbose=0, callbacks=[record])
    assert history.epoch == [2, 3, 4]
    assert record.events.count("b2") == 3
    assert "b3" not in record.events
    assert record.seen_params == {
        "batch_size": 32,
        "epochs": 5,
        "steps": 3,
        "samples": 70,
        "verbose": 0,
        "do_validation": False,
        "metrics": ["loss"],
    }
    record = Record()
    compiled().fit(X, Y, batch_size=4, verbose=0, callbacks=[record])
    assert [logs["size"] for logs in record.batch_logs] == [4, 4, 2]
    assert set(record.batch_logs[0]) == {"batch", "size", "loss"}


def test_nothing_is_trained_when_epochs_are_over():
    history = compiled().fit(X, Y, epochs=2, initial_epoch=2, verbose=0)
    assert history.history == {}
    assert history.epoch == []


def test_nb_epoch_is_an_old_name_of_epochs():
    with pytest.warns(UserWarning, match="epochs"):
        assert compiled().fit(X, Y, nb_epoch=2, verbose=0).epoch == [0, 1]


def test_history_has_losses_metrics_and_validation_as_floats():
    model = compiled(metrics=["mae"])
    history = model.fit(X, Y, epochs=2, validation_data=(X, Y), verbose=0)
    assert isinstance(history, keras.callbacks.History)
    assert list(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    assert history.epoch == [0, 1]
    assert {type(v) for values in history.history.values() for v in values} == {float}
    assert model.history is history
    assert history.history["val_mae"] == pytest.approx([mae(Y, expected(X))] * 2, rel=1e-5)


def test_hooks_are_called_in_order_and_the_model_can_be_stopped():
    record = Record()
    model = compiled()
    model.fit(X, Y, batch_size=5, validation_data=(X, Y), verbose=0, callbacks=[record])
    assert record.events == [
        "train_begin", "epoch_begin 0", "b0", "b1", "test_begin", "t0", "t1", "test_end", "epoch_end 0", "train_end",
    ]  # fmt: skip
    assert record.seen_params["metrics"] == ["loss", "val_loss"]
    assert record.seen_params["do_validation"] is True

    class Stop(keras.callbacks.Callback):
        def on_batch_end(self, batch, logs=None):
            self.model.stop_training = True

    record = Record()
    assert model.fit(X, Y, batch_size=2, epochs=3, verbose=0, callbacks=[Stop(), record]).epoch == [0]
    assert record.events.count("b0") == 1
    assert "b1" not in record.events


def test_validation_split_takes_the_end_before_shuffling():
    history = losses(compiled(), X, Y, validation_split=0.25, sample_weight=np.arange(10.0))
    assert history["val_loss"] == pytest.approx([np.mean(ROWS[7:] * np.arange(7, 10))], rel=1e-5)
    assert history["loss"] == pytest.approx([np.mean(ROWS[:7] * np.arange(7))], rel=1e-5)
    history = losses(compiled(double()), {"ia": X, "ib": X}, {"oa": Y, "ob": YB}, validation_split=0.3)
    assert list(history) == ["loss", "oa_loss", "ob_loss", "val_loss", "val_oa_loss", "val_ob_loss"]
    assert history["val_oa_loss"] == pytest.approx([ROWS[7:].mean()], rel=1e-5)


@pytest.mark.parametrize("container", [tuple, list])
def test_validation_data_comes_first_and_may_have_weights(container):
    history = losses(compiled(), X, Y, validation_data=container([X[:4], Y[:4]]), validation_split=0.5)
    assert history["val_loss"] == pytest.approx([ROWS[:4].mean()], rel=1e-5)
    assert history["loss"] == pytest.approx([LOSS], rel=1e-5)
    w = np.linspace(0, 3, 10)
    history = losses(compiled(), X, Y, validation_data=container([X, Y, w]))
    assert history["val_loss"] == pytest.approx([np.mean(ROWS * w)], rel=1e-5)


def test_validation_freq_is_every_so_many_epochs_or_a_list():
    assert len(losses(compiled(), X, Y, epochs=4, validation_data=(X, Y), validation_freq=2)["val_loss"]) == 2
    assert len(losses(compiled(), X, Y, epochs=4, validation_data=(X, Y), validation_freq=[1, 3, 4])["val_loss"]) == 3


def test_steps_take_the_whole_data_each():
    record = Record()
    model = compiled()
    history = losses(model, X, Y, steps_per_epoch=2, validation_data=(X, Y), validation_steps=1, callbacks=[record])
    assert [logs["size"] for logs in record.batch_logs] == [10, 10]
    assert list(history) == ["loss", "val_loss"]
    assert model.predict(X, steps=2).shape == (20, 2)
    assert model.evaluate(X, Y, steps=1, verbose=0) == pytest.approx(LOSS, rel=1e-5)
    assert len(losses(model, X, Y, steps_per_epoch=1.5)["loss"]) == 1


def seen_order(**kwargs):
    """The order in which samples are trained on, read from the size-1 losses."""
    a = keras.Input((1,))
    model = Model(a, L.Dense(1, use_bias=False)(a))
    model.set_weights([np.zeros((1, 1), "float32")])
    compiled(model, "mae")
    record = Record()
    data = kwargs.pop("data", None)
    x, y = data if data is not None else (np.ones((12, 1), "float32"), np.arange(12, dtype="float32"))
    model.fit(x, y, verbose=0, callbacks=[record], **kwargs)
    return [round(logs["loss"] * logs["size"]) for logs in record.batch_logs]


def test_shuffle_permutes_keeps_or_moves_whole_batches():
    assert seen_order(batch_size=1, shuffle=False) == list(range(12))
    shuffled = seen_order(batch_size=1, shuffle=True)
    assert sorted(shuffled) == list(range(12)) != shuffled
    np.random.seed(1)
    sums = seen_order(batch_size=5, shuffle="batch")
    assert sums in ([10, 35, 21], [35, 10, 21])
    orders = {tuple(seen_order(batch_size=2, shuffle="batch")) for _ in range(4)}
    assert {tuple(sorted(order)) for order in orders} == {(1, 5, 9, 13, 17, 21)}
    assert len(orders) > 1


@pytest.fixture
def hdf5(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"] = np.ones((12, 1), "float64")
        file["y"] = np.arange(12, dtype="float32")
        yield file


def test_hdf5_is_read_in_slices_and_shuffled_by_batch_only(hdf5, tmp_path):
    data = (hdf5["x"], hdf5["y"])
    assert seen_order(data=data, batch_size=1, shuffle=False) == list(range(12))
    assert sorted(seen_order(data=data, batch_size=2, shuffle="batch")) == [1, 5, 9, 13, 17, 21]
    with pytest.raises(TypeError, match="batch"):
        seen_order(data=data, batch_size=2)
    a = keras.Input((1,))
    model = compiled(Model(a, L.Dense(1)(a)))
    assert isinstance(model.evaluate(*data, verbose=0), float)
    assert model.predict(hdf5["x"]).shape == (12, 1)
    model.fit(*data, shuffle="batch", validation_split=0.5, batch_size=3, verbose=0)


def test_hdf5_matrix_reads_a_range(hdf5, tmp_path):
    from kerascope.keras.model import HDF5Matrix

    hdf5.flush()
    matrix = HDF5Matrix(tmp_path / "data.h5", "y", 2, 10, normalizer=lambda rows: rows * 2)
    assert matrix.shape == (8,)
    assert matrix[1:3].tolist() == [6.0, 8.0]
    assert len(matrix) == 8
    with pytest.raises(IndexError):
        matrix[8]


def test_class_weights_weigh_training_only():
    labels = Y.argmax(1)
    table = {0: 1.0, 1: 4.0}
    w = np.array([table[label] for label in labels])
    history = losses(compiled(), X, Y, class_weight=table, validation_data=(X, Y))
    assert history["loss"] == pytest.approx([np.mean(ROWS * w)], rel=1e-5)
    assert history["val_loss"] == pytest.approx([LOSS], rel=1e-5)
    history = losses(compiled(), X, Y, class_weight=table, validation_split=0.5)
    assert history["val_loss"] == pytest.approx([ROWS[5:].mean()], rel=1e-5)
    both = losses(compiled(), X, Y, class_weight=table, sample_weight=np.arange(10.0))
    assert both["loss"] == pytest.approx([np.mean(ROWS * w * np.arange(10))], rel=1e-5)


def test_class_weights_read_integers_binary_and_one_hot_labels():
    a = keras.Input((3,))
    model = compiled(Model(a, L.Dense(3, activation="softmax")(a)), "sparse_categorical_crossentropy")
    labels = np.arange(10) % 3
    table = {0: 1.0, 1: 2.0, 2: 3.0}
    p = model.predict(X)
    wanted = np.mean(-np.log(p[np.arange(10), labels]) * (labels + 1))
    assert losses(model, X, labels[:, None], class_weight=table)["loss"] == pytest.approx([wanted], rel=1e-4)
    one_hot = np.eye(3, dtype="float32")[labels]
    compiled(model, "categorical_crossentropy")
    assert losses(model, X, one_hot, class_weight=table)["loss"] == pytest.approx([wanted], rel=1e-4)
    binary = (YB > 0.3).astype("float32")
    model = compiled(Model(a, L.Dense(1, use_bias=False)(a)))
    rows = (binary - model.predict(X)) ** 2
    weights = np.where(binary == 1, 5.0, 2.0)
    got = losses(model, X, binary, class_weight={0: 2.0, 1: 5.0})["loss"]
    assert got == pytest.approx([np.mean(rows * weights)], rel=1e-4)


def test_class_weights_by_output():
    table = {"oa": {0: 1.0, 1: 4.0}}
    w = np.where(Y.argmax(1) == 1, 4.0, 1.0)
    wanted = [np.mean(ROWS * w) + LOSS_B, np.mean(ROWS * w), LOSS_B]
    history = losses(compiled(double()), [X, X], [Y, YB], class_weight=table)
    assert [values[0] for values in history.values()] == pytest.approx(wanted, rel=1e-5)
    assert compiled(double()).train_on_batch([X, X], [Y, YB], class_weight=table) == pytest.approx(wanted, rel=1e-5)
    with pytest.raises(ValueError, match="output"):
        losses(compiled(double()), [X, X], [Y, YB], class_weight={0: 1.0, 1: 2.0})


def test_sample_weights_by_sample_and_by_output():
    w = np.linspace(0, 2, 10)
    assert losses(compiled(), X, Y, sample_weight=w)["loss"] == pytest.approx([np.mean(ROWS * w)], rel=1e-5)
    wanted = [LOSS + np.mean(ROWS_B * w), LOSS, np.mean(ROWS_B * w)]
    for form in ([None, w], {"ob": w}):
        history = losses(compiled(double()), [X, X], [Y, YB], sample_weight=form)
        assert [values[0] for values in history.values()] == pytest.approx(wanted, rel=1e-5)
        got = compiled(double()).train_on_batch([X, X], [Y, YB], sample_weight=form)
        assert got == pytest.approx(wanted, rel=1e-5)
    with pytest.raises(TypeError, match="list or a dict"):
        compiled(double()).train_on_batch([X, X], [Y, YB], sample_weight=(w, w))
    with pytest.raises(ValueError, match="one entry per model output"):
        compiled(double()).train_on_batch([X, X], [Y, YB], sample_weight=[w])


@pytest.mark.parametrize(("verbose", "epochs_shown", "bars"), [(0, 0, 0), (1, 2, 4), (2, 2, 0)])
def test_verbose_is_silent_a_bar_or_a_line(capsys, verbose, epochs_shown, bars):
    compiled().fit(X, Y, epochs=2, batch_size=4, verbose=verbose)
    printed = capsys.readouterr().out
    assert printed.count("Epoch ") == epochs_shown
    assert printed.count("[=") + printed.count("[>") == bars
    assert printed.count("\n") == {0: 0, 1: 8, 2: 4}[verbose]
    assert ("loss: " in printed) == bool(verbose)


def test_bars_count_the_samples_of_arrays_and_the_batches_of_steps(capsys):
    model = compiled()
    model.fit(X, Y, batch_size=4, validation_split=0.2)
    printed = capsys.readouterr().out
    assert printed.startswith("Train on 8 samples, validate on 2 samples\nEpoch 1/1\n\n4/8 [==")
    assert "8/8 [" in printed
    model.fit(X, Y, batch_size=4, steps_per_epoch=2)
    printed = capsys.readouterr().out
    assert printed.startswith("Epoch 1/1\n\n1/2 [==")
    assert "2/2 [" in printed
    model.evaluate(X, Y, batch_size=4)
    assert "10/10 [" in capsys.readouterr().out
    model.evaluate_generator(iter([(X, Y)] * 3), 3, verbose=1)
    assert "3/3 [" in capsys.readouterr().out


def test_a_progress_bar_among_the_callbacks_is_that_of_the_call(capsys):
    compiled().fit(X, Y, callbacks=[keras.callbacks.ProgbarLogger()])
    printed = capsys.readouterr().out
    assert printed.count("Epoch 1/1") == 1
    assert "size: " not in printed


def test_nan_targets_give_a_nan_loss():
    y = Y.copy()
    y[0, 0] = np.nan
    assert np.isnan(losses(compiled(), X, y)["loss"][0])


def test_inputs_may_read_tensors_of_their_own():
    from kerascope.keras.model import Input

    a = Input(tensor=keras.ops.convert_to_tensor(X))
    model = Model(a, L.Dense(2, use_bias=False)(a))
    model.set_weights([KERNEL])
    compiled(model)
    assert losses(model, None, Y)["loss"] == pytest.approx([LOSS], rel=1e-5)
    assert model.predict(None).shape == (10, 2)
    compiled(model, target_tensors=Y)
    assert losses(model, steps_per_epoch=2)["loss"] == pytest.approx([LOSS], rel=1e-5)


def test_stateful_models_need_whole_batches():
    a = keras.Input(batch_shape=(4, 2, 3))
    model = compiled(Model(a, L.SimpleRNN(1, stateful=True)(a)))
    assert model.stateful
    x = np.full((8, 2, 3), 0.1, "float32")
    assert model.predict(x, batch_size=4).shape == (8, 1)
    first = model.predict(x[:4], batch_size=4)
    model.reset_states()
    assert not np.allclose(first, model.predict(x[:4], batch_size=4))
    for call in (
        lambda: model.predict(np.ones((10, 2, 3)), batch_size=4),
        lambda: model.fit(np.ones((10, 2, 3)), np.ones((10, 1)), batch_size=4),
        lambda: model.predict(x, batch_size=8),
    ):
        with pytest.raises(ValueError, match="batch"):
            call()
