"""What Keras 2.3.1 answered to small questions about models, `compile` and `get_layer`: one row for each question."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from kerascope.keras.model import Model, optimizers
from tests.keras.model.nets import L, compiled, steady
from tests.keras.model.rows import (
    MAE,
    MAE_B,
    MSE,
    MSE_B,
    SQUARES,
    YB,
    Raises,
    W,
    X,
    Y,
    alike,
    bare,
    check,
    double,
    fitted,
    on_both,
    scalar_model,
    single,
)

ERRORS = np.abs(Y - 0.5 * X.sum(1, keepdims=True)).mean(1)
MSE_OF_B_AS_MAE = MSE + MAE_B


def chain():
    a = keras.Input((3,), name="a0")
    return Model(inputs=a, outputs=L.Dense(2, name="b")(L.Dense(4, name="h")(a)))


def three_outputs():
    a, b = keras.Input((2,)), keras.Input((3,))
    model = Model(inputs=[a, b], outputs=[L.Dense(2)(a), L.Dense(3)(b), L.Dense(6)(b)])
    made = model.predict([np.ones((2, 2)), np.ones((2, 3))])
    return [type(made).__name__, *(list(one.shape) for one in made)]


def crossing():
    a, b = keras.Input((1,), name="A"), keras.Input((1,), name="B")
    cat = L.Concatenate(name="cat")([L.Dense(1, name="dA")(a), L.Dense(1, name="dB")(b)])
    return Model([a, b], L.Dense(1, name="o")(cat))


def single_element_lists():
    a = keras.Input((3,))
    return type(Model(inputs=[a], outputs=[L.Dense(2)(a)]).predict(X)).__name__


def compile_double(*args, **kwargs):
    model = double(compile=False)
    model.compile(*args, run_eagerly=True, **kwargs)
    return model


def optimizer_of(optimizer):
    model = bare()
    model.compile(optimizer, "mse")
    return type(model.optimizer).__name__


def labelled(model, x, y):
    return [model.metrics_names, model.evaluate(x, y, verbose=0)[1]]


def accuracy(kind, name):
    labels = np.arange(10) % 3
    if kind == "binary":
        model = scalar_model(loss="binary_crossentropy", metrics=[name], activation="sigmoid")
        return labelled(model, X, (labels > 0).astype("float32")[:, None]), float(np.mean(labels > 0))
    loss = "categorical_crossentropy" if kind == "one-hot" else "sparse_categorical_crossentropy"
    model = scalar_model(3, loss=loss, metrics=[name], activation="softmax")
    right = float(np.mean(model.predict(X).argmax(1) == labels))
    return labelled(model, X, np.eye(3)[labels] if kind == "one-hot" else labels[:, None]), right


def mymet(y_true, y_pred):
    return keras.ops.mean(keras.ops.square(y_pred - y_true), axis=-1)


def weighted(weights):
    """Loss, metric and weighted metric: the loss is divided by the samples, the metric by the weights."""
    return [np.mean(weights * SQUARES).item(), MAE, (np.sum(weights * ERRORS) / np.sum(weights)).item()]


CLASS_WEIGHTS = {0: 1.0, 1: 3.0}


def sequence(mode, weights):
    a = keras.Input((4, 3))
    model = Model(a, L.Dense(1, use_bias=False, kernel_initializer="ones")(a))
    compiled(model, sample_weight_mode=mode)
    x, y = np.ones((3, 4, 3)), np.zeros((3, 4, 1))
    on_batch = model.train_on_batch(x, y, sample_weight=weights)
    return [
        model.evaluate(x, y, sample_weight=weights, verbose=0),
        on_batch,
        fitted(model, x, y, sample_weight=weights),
    ]


TEMPORAL = np.arange(12, dtype="float32").reshape(3, 4)
NINES = float(9 * TEMPORAL.mean())

ROWS = {
    "model.io_kw": (lambda: [chain().inputs[0].name, chain().output_names[0]], ["a0", "b"]),
    "model.list_io": (three_outputs, ["list", [2, 2], [2, 3], [2, 6]]),
    "model.layers_needed": (lambda: [layer.name for layer in chain().layers], ["a0", "h", "b"]),
    "model.single_list": (single_element_lists, "ndarray"),
    "sig.compile_positional": (lambda: compile_double(steady(), "mse", ["mae"]).metrics_names[3], "oa_mae"),
    "sig.compile_positional4": (
        lambda: on_both(compile_double(steady(), "mse", ["mae"], [1.0, 0.5])),
        [MSE + 0.5 * MSE_B, MSE, MSE_B, MAE, MAE_B],
    ),
    "compile.optimizer.string": (
        lambda: [optimizer_of(n) for n in ("sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamax", "nadam")],
        ["SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam"],
    ),
    "compile.optimizer.instance": (lambda: optimizer_of(keras.optimizers.Adam()), "Adam"),
    "compile.optimizer.lr_kw": (lambda: optimizer_of(optimizers.SGD(lr=0.1, decay=1e-6)), "SGD"),
    "compile.optimizer.missing": (lambda: bare().compile(), Raises(TypeError, "optimizer")),
    "compile.optimizer.none": (lambda: bare().compile(None, "mse"), Raises(ValueError, "optimizer")),
    "compile.optimizer.bad": (
        lambda: bare().compile("no_such_opt", "mse"),
        Raises(ValueError, "Unknown optimizer: no_such_opt"),
    ),
    "compile.loss.bad": (
        lambda: bare().compile("sgd", "no_such_loss"),
        Raises(ValueError, "Unknown loss function:no_such_loss"),
    ),
    "compile.loss.none": (lambda: bare().compile("sgd"), Raises(ValueError, "nothing to minimise")),
    "compile.loss.function": (lambda: single(loss=mymet).test_on_batch(X, Y), MSE),
    "compile.loss.builtin_function": (
        lambda: single(loss=keras.losses.mean_squared_error).test_on_batch(X, Y),
        MSE,
    ),
    "compile.loss.single_multi_out": (lambda: on_both(double()), [MSE + MSE_B, MSE, MSE_B]),
    "compile.loss.list": (lambda: on_both(double(loss=["mse", "mae"])), [MSE_OF_B_AS_MAE, MSE, MAE_B]),
    "compile.loss.dict": (lambda: on_both(double(loss={"ob": "mae", "oa": "mse"})), [MSE_OF_B_AS_MAE, MSE, MAE_B]),
    "compile.loss.dict_partial": (lambda: on_both(double(loss={"ob": "mae"}), YB), [MAE_B, MAE_B]),
    "compile.loss.list_None": (lambda: on_both(double(loss=[None, "mae"]), YB), [MAE_B, MAE_B]),
    "compile.loss.list_badlen": (
        lambda: double(loss=["mse"] * 3),
        Raises(ValueError, "When passing a list as loss, it should have one entry per model output"),
    ),
    "compile.loss.dict_badkey": (
        lambda: double(loss={"zzz": "mse"}),
        Raises(ValueError, 'Unknown entry in loss dictionary: "zzz". Only expected the following k'),
    ),
    "compile.loss_weights.list": (
        lambda: on_both(double(loss_weights=[1.0, 0.5])),
        [MSE + 0.5 * MSE_B, MSE, MSE_B],
    ),
    "compile.loss_weights.dict": (
        lambda: on_both(double(loss_weights={"oa": 1.0, "ob": 0.5})),
        [1.56765625, MSE, MSE_B],
    ),
    "compile.loss_weights.dict_partial": (lambda: on_both(double(loss_weights={"ob": 0.5})), [1.56765625, MSE, MSE_B]),
    "compile.loss_weights.dict_lossdict": (
        lambda: on_both(double(loss={"oa": "mse", "ob": "mse"}, loss_weights={"oa": 1.0, "ob": 0.5})),
        [1.56765625, MSE, MSE_B],
    ),
    "compile.loss_weights.dict_losslist": (
        lambda: on_both(double(loss=["mse", "mse"], loss_weights={"oa": 1.0, "ob": 0.5})),
        [1.56765625, MSE, MSE_B],
    ),
    "compile.loss_weights.dict_reversed": (
        lambda: on_both(double(loss_weights={"ob": 0.5, "oa": 1.0})),
        [1.56765625, MSE, MSE_B],
    ),
    "compile.loss_weights.badlen": (
        lambda: double(loss_weights=[1.0]),
        Raises(ValueError, "When passing a list as loss_weights, it should have one entry per mode"),
    ),
    "compile.loss_weights.badkey": (
        lambda: double(loss_weights={"zzz": 1.0}),
        Raises(ValueError, 'Unknown entry in loss_weights dictionary: "zzz". Only expected the fol'),
    ),
    "compile.metrics.bad": (lambda: single(metrics=["no_such"]), Raises(ValueError, "Unknown metric function:no_such")),
    "compile.metrics.bare_string": (
        lambda: single(metrics="mae"),
        Raises((TypeError, ValueError), "Type of `metrics` argument not understood. Expected a list or dictiona"),
    ),
    "compile.metrics.dict": (lambda: on_both(double(metrics={"oa": "mae"})), [MSE + MSE_B, MSE, MSE_B, MAE]),
    "compile.metrics.dict_list": (
        lambda: on_both(double(metrics={"oa": ["mae", "mse"], "ob": "mae"})),
        [MSE + MSE_B, MSE, MSE_B, MAE, MSE, MAE_B],
    ),
    "compile.metrics.list_of_lists": (
        lambda: on_both(double(metrics=[["mae"], ["mae", "mse"]])),
        [MSE + MSE_B, MSE, MSE_B, MAE, MAE_B, MSE_B],
    ),
    "compile.metrics.list_1_on_2_outputs": (
        lambda: on_both(double(metrics=["mae"])),
        [3.0615625, MSE, MSE_B, 0.23, 1.5375],
    ),
    "compile.metrics.list_2_on_2_outputs": (
        lambda: on_both(double(metrics=["mae", "mse"])),
        [MSE + MSE_B, MSE, MSE_B, MAE, MSE, MAE_B, MSE_B],
    ),
    "compile.metrics.function": (
        lambda: [single(metrics=[mymet]).metrics_names, single(metrics=[mymet]).test_on_batch(X, Y)],
        [["loss", "mymet"], [MSE, MSE]],
    ),
    "compile.weighted_metrics": (
        lambda: single(metrics=["mae"], weighted_metrics=["mae"]).evaluate(X, Y, sample_weight=W, verbose=0),
        weighted(W),
    ),
    "compile.weighted_metrics.class_weight": (
        lambda: single(metrics=["mae"], weighted_metrics=["mae"]).train_on_batch(X, Y, class_weight=CLASS_WEIGHTS),
        weighted(np.array([CLASS_WEIGHTS[row.argmax()] for row in Y])),
    ),
    "compile.swm.None": (lambda: single(sample_weight_mode=None).test_on_batch(X, Y), MSE),
    "compile.swm.temporal": (lambda: sequence("temporal", TEMPORAL), [NINES, NINES, {"loss": NINES}]),
    "compile.swm.temporal_needed": (
        lambda: sequence(None, TEMPORAL),
        Raises(ValueError, r"Found a sample_weight array with shape \(3, 4\).*In order to use timeste"),
    ),
    "compile.swm.bad": (lambda: single(sample_weight_mode="no_such"), Raises(ValueError, "temporal")),
    "compile.swm.list": (lambda: double(sample_weight_mode=[None, "temporal"]).compiled, True),
    "compile.swm.dict": (lambda: double(sample_weight_mode={"oa": None, "ob": "temporal"}).compiled, True),
    "compile.swm.dict_badkey": (
        lambda: double(sample_weight_mode={"zzz": "temporal"}),
        Raises(ValueError, 'Unknown entry in sample_weight_mode dictionary: "zzz". Only expected t'),
    ),
    "compile.swm.list_badlen": (
        lambda: double(sample_weight_mode=["temporal"]),
        Raises(ValueError, "When passing a list as sample_weight_mode, it should have one entry pe"),
    ),
    "compile.target_tensors.tensor": (
        lambda: single(target_tensors=keras.ops.convert_to_tensor(Y)).train_on_batch(X, None),
        MSE,
    ),
    "compile.target_tensors.list": (
        lambda: single(target_tensors=[keras.ops.convert_to_tensor(Y)]).train_on_batch(X, None),
        MSE,
    ),
    "compile.target_tensors.dict": (
        lambda: single(target_tensors={"out": keras.ops.convert_to_tensor(Y)}).train_on_batch(X, None),
        MSE,
    ),
    "compile.kwargs_unknown": (lambda: single(foo_option=1).compiled, True),
    "compile.kwargs_unknown at the first run": (
        lambda: single(foo_option=1).test_on_batch(X, Y),
        Raises(ValueError, "foo_option"),
    ),
    "compile.kwargs_session": (lambda: single(options=None, run_metadata=None).test_on_batch(X, Y), MSE),
    "get_layer.name": (lambda: chain().get_layer("h").name, "h"),
    "get_layer.name_kw": (lambda: chain().get_layer(name="b").name, "b"),
    "get_layer.index": (lambda: [chain().get_layer(index=i).name for i in range(3)], ["a0", "h", "b"]),
    "get_layer.both": (lambda: chain().get_layer("h", 2).name, "b"),
    "get_layer.neg_index": (lambda: chain().get_layer(index=-1).name, "b"),
    "get_layer.neg_index_oob": (lambda: chain().get_layer(index=-9), Raises(IndexError, "3 layers")),
    "get_layer.bad_name": (lambda: chain().get_layer("nope"), Raises(ValueError, "No such layer: nope")),
    "get_layer.bad_index": (
        lambda: chain().get_layer(index=3),
        Raises(ValueError, "Was asked to retrieve layer at index 3 but model only has 3 layers."),
    ),
    "get_layer.none": (lambda: chain().get_layer(), Raises(ValueError, "Provide either a layer name or layer index.")),
    "get_layer.order": (lambda: [one.name for one in crossing().layers], ["A", "B", "dA", "dB", "cat", "o"]),
}


@pytest.mark.parametrize("name", ROWS)
def test_answers_are_those_of_keras_2_3(name):
    check(ROWS[name])


@pytest.mark.parametrize(
    ("kind", "name"),
    [("one-hot", "accuracy"), ("sparse", "accuracy"), ("binary", "acc")],
)
def test_accuracy_has_the_name_and_the_meaning_it_had(kind, name):
    (names, value), wanted = accuracy(kind, name)
    alike([names, value], [["loss", name], wanted])
