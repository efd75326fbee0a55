"""Laws of `evaluate`, `predict`, the `*_on_batch` methods and `get_layer`."""

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


def test_evaluate_returns_a_float_or_a_list_of_floats():
    value = compiled().evaluate(X, Y, verbose=0)
    assert type(value) is float
    assert value == pytest.approx(LOSS, rel=1e-5)
    values = compiled(metrics=["mae"]).evaluate(X, Y, batch_size=4, verbose=0)
    assert [type(one) for one in values] == [float, float]
    assert values == pytest.approx([LOSS, mae(Y, expected(X))], rel=1e-5)


def test_evaluate_orders_values_as_metrics_names():
    model = compiled(double(), metrics={"oa": "mae", "ob": "mse"})
    values = model.evaluate({"ia": X, "ib": X}, {"oa": Y, "ob": YB}, verbose=0)
    assert model.metrics_names == ["loss", "oa_loss", "ob_loss", "oa_mae", "ob_mse"]
    assert values == pytest.approx([LOSS + LOSS_B, LOSS, LOSS_B, mae(Y, expected(X)), LOSS_B], rel=1e-5)


def test_evaluate_weighs_shows_and_tells():
    w = np.linspace(0, 2, 10)
    assert compiled().evaluate(X, Y, sample_weight=w, verbose=0) == pytest.approx(np.mean(ROWS * w), rel=1e-5)
    record = Record()
    compiled().evaluate(X, Y, batch_size=5, verbose=0, callbacks=[record])
    assert record.events == ["test_begin", "t0", "t1", "test_end"]


def test_evaluate_shows_a_bar_unless_told_not_to(capsys):
    compiled().evaluate(X, Y)
    assert "[=" in capsys.readouterr().out
    compiled().evaluate(X, Y, verbose=0)
    assert capsys.readouterr().out == ""


def test_evaluate_without_data_is_refused():
    with pytest.raises(ValueError, match="No input data"):
        compiled().evaluate(None, None, steps=2)


def test_predict_returns_arrays_and_needs_no_compile():
    p = single().predict(X)
    assert type(p) is np.ndarray
    assert p.dtype == np.float32
    np.testing.assert_allclose(p, expected(X), rtol=1e-5)
    both = double().predict({"ia": X, "ib": X})
    assert type(both) is list
    np.testing.assert_allclose(both[1], expected_b(X), rtol=1e-5)
    a = keras.Input((3,))
    assert type(Model([a], [L.Dense(2)(a)]).predict(X)) is np.ndarray


def test_predict_is_silent_and_cuts_batches_of_32(capsys):
    record = Record()
    assert single().predict(features(70), callbacks=[record]).shape == (70, 2)
    assert record.events == ["predict_begin", "p0", "p1", "p2", "predict_end"]
    assert capsys.readouterr().out == ""
    single().predict(X, verbose=1)
    assert "[=" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ([None, None], "None"),
        ([X, None, X], "2 array"),
        ([None, X, X], "2 array"),
        ([X, X[:4]], "same number of samples"),
        ([X, X[:, :2]], "expected ib"),
        ([X], "2 array"),
        (None, "No input data"),
    ],
)
def test_predict_names_inputs_that_do_not_fit(x, words):
    with pytest.raises(ValueError, match=words):
        double().predict(x)
    with pytest.raises(ValueError, match=words):
        double().predict_on_batch(x)


def test_predict_gives_outputs_to_callbacks():
    class Keep(keras.callbacks.Callback):
        def on_predict_batch_end(self, batch, logs=None):
            self.got = logs["outputs"]

    keep = Keep()
    p = single().predict(X, batch_size=10, callbacks=[keep])
    np.testing.assert_array_equal(np.asarray(keep.got), p)


@pytest.mark.parametrize("method", ["train_on_batch", "test_on_batch"])
def test_batch_methods_return_float32_scalars_or_lists(method):
    value = getattr(compiled(), method)(X, Y)
    assert type(value) is np.float32
    assert value == pytest.approx(LOSS, rel=1e-5)
    values = getattr(compiled(metrics=["mae"]), method)(X, Y)
    assert type(values) is list
    assert values == pytest.approx([LOSS, mae(Y, expected(X))], rel=1e-5)
    model = compiled(double(), metrics=[["mae"], ["mse"]])
    values = getattr(model, method)({"ia": X, "ib": X}, {"oa": Y, "ob": YB})
    assert values == pytest.approx([LOSS + LOSS_B, LOSS, LOSS_B, mae(Y, expected(X)), LOSS_B], rel=1e-5)
    w = np.linspace(0, 2, 10)
    assert getattr(compiled(), method)(X, Y, sample_weight=w) == pytest.approx(np.mean(ROWS * w), rel=1e-5)
    assert getattr(compiled(), method)(X, Y, return_dict=True) == {"loss": pytest.approx(LOSS, rel=1e-5)}


def test_train_on_batch_is_one_gradient_step_and_test_on_batch_none():
    model = compiled(optimizer=keras.optimizers.SGD(1.0))
    model.test_on_batch(X, Y)
    np.testing.assert_array_equal(model.get_weights()[0], KERNEL)
    model.train_on_batch(X, Y)
    gradient = X.T @ (expected(X) - Y) / 10
    np.testing.assert_allclose(model.get_weights()[0], KERNEL - gradient, atol=1e-5)


def test_metrics_run_on_when_told_and_start_anew_otherwise():
    model = compiled(metrics=["mae"])
    a, b = (X[:4], Y[:4]), (X[4:8], Y[4:8])
    alone = model.test_on_batch(*b)
    model.test_on_batch(*a, reset_metrics=False)
    both = model.test_on_batch(*b)
    assert both[1] == pytest.approx(mae(Y[:8], expected(X[:8])), rel=1e-5)
    assert both[0] == pytest.approx(alone[0], rel=1e-5)
    assert model.test_on_batch(*b) == pytest.approx(alone, rel=1e-5)


def test_batch_methods_take_lists_and_refuse_what_does_not_fit():
    a = keras.Input((3,))
    model = compiled(Model(a, L.Dense(1, use_bias=False, kernel_initializer="zeros")(a)))
    assert model.train_on_batch(X[:2], [0, 1]) == pytest.approx(0.5)
    with pytest.raises(TypeError):
        model.train_on_batch(X)
    with pytest.raises(ValueError, match="same number of samples"):
        model.train_on_batch(X, YB[:5])
    with pytest.raises(ValueError, match="expected"):
        model.train_on_batch(X[:, :2], YB)


def test_predict_on_batch_returns_arrays():
    assert type(single().predict_on_batch(X)) is np.ndarray
    both = double().predict_on_batch({"ia": X, "ib": X})
    assert [one.shape for one in both] == [(10, 2), (10, 1)]


def test_predict_takes_arrays_and_tensors_side_by_side():
    model = double()
    mixed = [X, keras.ops.convert_to_tensor(X.astype("float32"))]
    for made in (model.predict(mixed), model.predict_on_batch(mixed), model.predict(iter([mixed]), steps=1)):
        np.testing.assert_allclose(made[0], expected(X), rtol=1e-5)
        np.testing.assert_allclose(made[1], expected_b(X), rtol=1e-5)


def test_text_is_refused_where_numbers_are_wanted():
    text = np.array([["a", "b", "c"]])
    for call in (
        lambda: single().predict(text),
        lambda: compiled().fit(text, Y[:1]),
        lambda: compiled().fit(X[:1], [["a", "b"]]),
    ):
        with pytest.raises(ValueError, match=r"Error when checking .* must hold numbers. Received: array"):
            call()


@pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="text is for TensorFlow")
def test_text_is_taken_where_it_is_wanted():
    a = keras.Input((1,), dtype="string")
    model = Model(a, L.StringLookup(vocabulary=["a", "b"])(a))
    assert model.predict(np.array([["b"], ["a"], ["z"]])).ravel().tolist() == [2, 1, 0]


def test_layers_are_found_by_name_or_index_and_the_index_counts():
    a = keras.Input((3,), name="a0")
    model = Model(a, L.Dense(2, name="b")(L.Dense(4, name="h")(a)))
    assert model.get_layer("h").name == "h"
    assert model.get_layer(name="b").name == "b"
    assert [model.get_layer(index=place).name for place in range(3)] == ["a0", "h", "b"]
    assert model.get_layer("h", 2).name == "b"
    assert model.get_layer(index=-1).name == "b"
    for bad in ({"name": "nope"}, {"index": 3}, {}, {"index": -9}):
        with pytest.raises(ValueError, match="layer"):
            model.get_layer(**bad)
    for bad in ("1", 1.0):
        with pytest.raises(ValueError, match=r"must be a whole number. Received: index="):
            model.get_layer(index=bad)
    with pytest.raises(IndexError):
        model.get_layer(index=-9)


def test_layer_order_goes_up_from_the_inputs():
    a, b = keras.Input((1,), name="A"), keras.Input((1,), name="B")
    cat = L.Concatenate(name="cat")([L.Dense(1, name="dA")(a), L.Dense(1, name="dB")(b)])
    model = Model([a, b], L.Dense(1, name="o")(cat))
    assert [layer.name for layer in model.layers] == ["A", "B", "dA", "dB", "cat", "o"]


def test_a_failed_batch_leaves_the_model_its_weights():
    model = single()

    def broken(y_true, y_pred):
        raise ZeroDivisionError("no")

    model.compile("sgd", broken)
    with pytest.raises(ZeroDivisionError):
        model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], KERNEL)
