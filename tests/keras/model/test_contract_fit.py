"""What Keras 2.3.1 answered to small questions about `fit`: one row for each question."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from kerascope.keras.model import HDF5Matrix, Model
from tests.keras.model.nets import L, Record, compiled
from tests.keras.model.rows import (
    MAE,
    MSE,
    MSE_B,
    SQUARES,
    SQUARES_B,
    YB,
    Raises,
    W,
    X,
    Y,
    bare,
    both,
    check,
    double,
    fitted,
    printed,
    scalar_model,
    single,
)

BOTH = {"loss": MSE + MSE_B, "oa_loss": MSE, "ob_loss": MSE_B}
LABELS = (np.arange(10) % 3)[:, None]
TABLE = {0: 1.0, 1: 2.0, 2: 3.0}


def mean(values):
    return float(np.mean(values))


def first_column():
    """One output, targets of shape (n,): recorded 0.05125."""
    return fitted(scalar_model(), X, Y[:, 0])


def recorded(model=None, x=X, y=Y, **kwargs):
    record = Record()
    (model or single()).fit(x, y, verbose=0, callbacks=[record], **kwargs)
    return record


def batches(**kwargs):
    return [sum(event.startswith("b") for event in recorded(**kwargs).events)]


def seventy(**kwargs):
    x = np.resize(X, (70, 3))
    return batches(x=x, y=x[:, :2], **kwargs)


def history(**kwargs):
    made = single(metrics=["mae"]).fit(X, Y, verbose=0, **kwargs)
    return [type(made).__name__, list(made.history), made.epoch, type(made.history["loss"][0]).__name__]


def keys_of_logs():
    record = recorded(single(metrics=["mae"]), validation_data=(X, Y))
    return [sorted(record.batch_logs[0]), sorted(record.epoch_logs[0])]


def stopped():
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

    return single().fit(X, Y, epochs=5, verbose=0, callbacks=[Stop()]).epoch


def text(verbose):
    out = printed(lambda: single().fit(X, Y, batch_size=4, epochs=2, verbose=verbose))
    return [bool(out), "Epoch 1/2" in out, out.count("\n"), "[=" in out or "[>" in out]


def order(shuffle, size=1, **kwargs):
    """The targets of the batches in the order in which they were trained on."""
    model = scalar_model(loss="mae")
    model.set_weights([np.zeros((3, 1))])
    record = recorded(model, np.ones((12, 3)), np.arange(12.0), batch_size=size, shuffle=shuffle, **kwargs)
    return [round(logs["loss"] * logs["size"]) for logs in record.batch_logs]


def shuffled(shuffle, size=1):
    np.random.seed(0)
    seen = order(shuffle, size)
    return [sorted(seen), seen != sorted(seen)]


def weighted_class(kind, **kwargs):
    """The loss with class weights, and the same by hand."""
    units, loss, y = {
        "sparse": (3, "sparse_categorical_crossentropy", LABELS),
        "onehot": (3, "categorical_crossentropy", np.eye(3)[LABELS[:, 0]]),
        "binary": (1, "mse", (LABELS > 0).astype("float32")),
    }[kind]
    model = scalar_model(units, loss=loss, activation="softmax" if units == 3 else None)
    p = model.predict(X)
    rows = -np.log(p[np.arange(10), LABELS[:, 0]]) if units == 3 else ((p - y) ** 2)[:, 0]
    classes = LABELS[:, 0] if units == 3 else y[:, 0].astype(int)
    weights = np.array([TABLE[one] for one in classes]) * kwargs.get("sample_weight", 1)
    got = fitted(model, X, y, class_weight=TABLE, **kwargs)["loss"]
    return float(got) == pytest.approx(mean(rows * weights), rel=2e-4)


def train_only():
    got = fitted(single(), class_weight={0: 10.0, 1: 10.0}, validation_data=(X, Y))
    return [got["val_loss"], got["loss"]]


ONES = np.where(Y.argmax(1) == 1, 4.0, 1.0)
OB_W = {"loss": MSE + mean(SQUARES_B * W), "oa_loss": MSE, "ob_loss": mean(SQUARES_B * W)}


def stateful(x, **kwargs):
    a = keras.Input(batch_shape=(4, 2, 3))
    return compiled(Model(a, L.SimpleRNN(1, stateful=True)(a))).fit(x, np.ones((len(x), 1)), verbose=0, **kwargs)


ROWS = {
    "fit.uncompiled": (
        lambda: bare().fit(X, Y),
        Raises(RuntimeError, "You must compile a model before training/testing. Use `model.compile.o"),
    ),
    "fit.x_array": (lambda: fitted(single()), {"loss": MSE}),
    "fit.x_list": (lambda: both(double()), BOTH),
    "fit.x_dict": (lambda: fitted(double(), {"ia": X, "ib": X}, {"oa": Y, "ob": YB}), BOTH),
    "fit.x_dict_reordered": (lambda: fitted(double(), {"ib": X, "ia": X}, {"ob": YB, "oa": Y}), BOTH),
    "fit.x_dict_missing": (
        lambda: double().fit({"ia": X}, [Y, YB]),
        Raises(ValueError, 'No data provided for "ib". Need data for each key in: .*ia'),
    ),
    "fit.x_dict_extra": (lambda: fitted(double(), {"ia": X, "ib": X, "zz": X}, {"oa": Y, "ob": YB}), BOTH),
    "fit.x_list_single": (lambda: fitted(single(), [X], [Y]), {"loss": MSE}),
    "fit.y_1d": (first_column, {"loss": 0.05125}),
    "fit.y_pylist": (lambda: fitted(scalar_model(), X, Y[:, 0].tolist()), {"loss": 0.05125}),
    "fit.y_dict_single": (lambda: fitted(single(), X, {"out": Y}), {"loss": MSE}),
    "fit.x_None": (lambda: single().fit(None, Y), Raises(ValueError, "No input data")),
    "fit.native": (
        lambda: fitted(single(), keras.ops.convert_to_tensor(X), keras.ops.convert_to_tensor(Y)),
        {"loss": MSE},
    ),
    "fit.native_steps": (
        lambda: recorded(x=keras.ops.convert_to_tensor(X), y=keras.ops.convert_to_tensor(Y), steps_per_epoch=2).events[
            2:4
        ],
        ["b0", "b1"],
    ),
    "fit.steps_numpy": (lambda: [logs["size"] for logs in recorded(steps_per_epoch=2).batch_logs], [10, 10]),
    "fit.batch_size_default": (seventy, [3]),
    "fit.batch_size": (lambda: batches(batch_size=4), [3]),
    "fit.epochs_initial_epoch": (
        lambda: single().fit(X, Y, epochs=5, initial_epoch=2, verbose=0).epoch,
        [2, 3, 4],
    ),
    "fit.initial_ge_epochs": (
        lambda: [single().fit(X, Y, epochs=2, initial_epoch=2, verbose=0).history],
        [{}],
    ),
    "fit.nb_epoch": (lambda: single().fit(X, Y, nb_epoch=2, verbose=0).epoch, [0, 1]),
    "fit.verbose0": (lambda: text(0), [False, False, 0, False]),
    "fit.verbose1": (lambda: text(1), [True, True, 8, True]),
    "fit.verbose2": (lambda: text(2), [True, True, 4, False]),
    "fit.callbacks_events": (
        lambda: recorded(batch_size=5, validation_data=(X, Y)).events,
        [
            *("train_begin", "epoch_begin 0", "b0", "b1"),
            *("test_begin", "t0", "t1", "test_end", "epoch_end 0", "train_end"),
        ],
    ),
    "fit.callbacks_logs": (
        keys_of_logs,
        [["batch", "loss", "mae", "size"], ["loss", "mae", "val_loss", "val_mae"]],
    ),
    "fit.callbacks_params": (
        lambda: sorted(recorded().seen_params),
        ["batch_size", "do_validation", "epochs", "metrics", "samples", "steps", "verbose"],
    ),
    "fit.stop_training": (stopped, [0]),
    "fit.History": (
        lambda: history(epochs=2, validation_data=(X, Y)),
        ["History", ["loss", "mae", "val_loss", "val_mae"], [0, 1], "float"],
    ),
    "fit.History_multi": (
        lambda: list(both(double(metrics=["mae"]))),
        ["loss", "oa_loss", "ob_loss", "oa_mae", "ob_mae"],
    ),
    "fit.val_split_last": (
        lambda: fitted(single(), validation_split=0.3),
        {"loss": mean(SQUARES[:7]), "val_loss": mean(SQUARES[7:])},
    ),
    "fit.val_split_round": (lambda: recorded(validation_split=0.25).seen_params["samples"], 7),
    "fit.val_split_dict": (
        lambda: list(fitted(double(), {"ia": X, "ib": X}, {"oa": Y, "ob": YB}, validation_split=0.3)),
        ["loss", "oa_loss", "ob_loss", "val_loss", "val_oa_loss", "val_ob_loss"],
    ),
    "fit.val_split_weights": (
        lambda: fitted(single(), validation_split=0.3, sample_weight=W),
        {"loss": mean((SQUARES * W)[:7]), "val_loss": mean((SQUARES * W)[7:])},
    ),
    "fit.val_data2": (
        lambda: fitted(single(), validation_data=(X[:4], Y[:4])),
        {"loss": MSE, "val_loss": mean(SQUARES[:4])},
    ),
    "fit.val_data3": (
        lambda: fitted(single(), validation_data=(X, Y, W)),
        {"loss": MSE, "val_loss": mean(SQUARES * W)},
    ),
    "fit.val_data_list": (
        lambda: fitted(single(), validation_data=[X[:4], Y[:4]]),
        {"loss": MSE, "val_loss": mean(SQUARES[:4])},
    ),
    "fit.val_data_1": (
        lambda: single().fit(X, Y, validation_data=(X,)),
        Raises(ValueError, r"When passing validation_data, it must contain 2 \(x_val, y_val\) or 3 \(x"),
    ),
    "fit.val_data_over_split": (
        lambda: fitted(single(), validation_data=(X[:4], Y[:4]), validation_split=0.5),
        {"loss": MSE, "val_loss": mean(SQUARES[:4])},
    ),
    "fit.val_steps_without_steps": (
        lambda: single().fit(X, Y, validation_data=(X, Y), validation_steps=1),
        Raises(ValueError, "Can only use `validation_steps` when doing step-wise training, i.e. `s"),
    ),
    "fit.val_steps_with_steps": (
        lambda: list(fitted(single(), steps_per_epoch=2, validation_data=(X, Y), validation_steps=1)),
        ["loss", "val_loss"],
    ),
    "fit.shuffle_False": (lambda: shuffled(False), [list(range(12)), False]),
    "fit.shuffle_True": (lambda: shuffled(True), [list(range(12)), True]),
    "fit.shuffle_batch": (lambda: shuffled("batch", 3), [[3, 12, 21, 30], True]),
    "fit.class_weight.sparse": (lambda: weighted_class("sparse"), True),
    "fit.class_weight.onehot": (lambda: weighted_class("onehot"), True),
    "fit.class_weight.binary": (lambda: weighted_class("binary"), True),
    "fit.class_weight.and_sample_weight": (lambda: weighted_class("sparse", sample_weight=W), True),
    "fit.class_weight.missing": (
        lambda: scalar_model(3, loss="sparse_categorical_crossentropy").fit(X, LABELS, class_weight={0: 1.0, 1: 1.0}),
        Raises(ValueError, r"`class_weight` must contain all classes in the data. The classes \{2\} "),
    ),
    "fit.class_weight.train_only": (train_only, [MSE, 10 * MSE]),
    "fit.class_weight.per_output": (
        lambda: both(double(), class_weight={"oa": {0: 1.0, 1: 4.0}}),
        {"loss": mean(SQUARES * ONES) + MSE_B, "oa_loss": mean(SQUARES * ONES), "ob_loss": MSE_B},
    ),
    "fit.sample_weight.1d": (lambda: fitted(single(), sample_weight=W), {"loss": mean(SQUARES * W)}),
    "fit.sample_weight.1d_zeros": (
        lambda: fitted(single(), sample_weight=(W > 4).astype("float32")),
        {"loss": mean(SQUARES * (W > 4))},
    ),
    "fit.sample_weight.list": (
        lambda: both(double(), sample_weight=[W, W]),
        {
            "loss": mean(SQUARES * W) + mean(SQUARES_B * W),
            "oa_loss": mean(SQUARES * W),
            "ob_loss": mean(SQUARES_B * W),
        },
    ),
    "fit.sample_weight.list_None": (lambda: both(double(), sample_weight=[None, W]), OB_W),
    "fit.sample_weight.dict": (lambda: both(double(), sample_weight={"ob": W}), OB_W),
    "fit.sample_weight.badlen": (
        lambda: single().fit(X, Y, sample_weight=np.ones(3)),
        Raises(ValueError, r"Found a sample_weight array with shape \(3,\) for an input with shape \(10"),
    ),
    "fit.err.n_arrays": (
        lambda: double().fit([X], [Y, YB]),
        Raises(ValueError, "Error when checking model input: the list of Numpy arrays that you are"),
    ),
    "fit.err.n_targets": (
        lambda: double().fit([X, X], [Y]),
        Raises(ValueError, "Error when checking model target: the list of Numpy arrays that you ar"),
    ),
    "fit.err.x_shape": (
        lambda: single().fit(X[:, :2], Y),
        Raises(ValueError, r"Error when checking input: expected in to have shape \(3,\) but got arra"),
    ),
    "fit.err.y_shape": (
        lambda: single().fit(X, YB),
        Raises(ValueError, r"Error when checking target: expected out to have shape \(2,\) but got ar"),
    ),
    "fit.err.cardinality": (
        lambda: single().fit(X, Y[:5]),
        Raises(ValueError, "Input arrays should have the same number of samples as target arrays. "),
    ),
    "fit.err.unknown_kw": (
        lambda: single().fit(X, Y, foo=1),
        Raises(TypeError, "Unrecognized keyword arguments: {'foo': 1}"),
    ),
    "fit.stateful_err": (
        lambda: stateful(np.ones((10, 2, 3)), batch_size=4),
        Raises(ValueError, "In a stateful network, you should only pass inputs with a number of sa"),
    ),
    "fit.stateful_ok": (lambda: len(stateful(np.ones((8, 2, 3)), batch_size=4).epoch), 1),
}


@pytest.mark.filterwarnings("ignore:`nb_epoch`")
@pytest.mark.parametrize("name", ROWS)
def test_answers_are_those_of_keras_2_3(name):
    check(ROWS[name])


def test_hdf5_answers_are_those_of_keras_2_3(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "d.h5", "w") as file:
        file["x"], file["y"] = np.resize(X, (40, 3)), np.resize(Y, (40, 2))
    with h5py.File(tmp_path / "d.h5", "r") as file:
        data = (file["x"], file["y"])
        rows = {
            "fit.hdf5_batch": (lambda: list(fitted(single(), *data, shuffle="batch")), ["loss"]),
            "fit.hdf5_noshuffle": (lambda: list(fitted(single(), *data, shuffle=False)), ["loss"]),
            "fit.hdf5_shuffleTrue": (
                lambda: single().fit(*data, shuffle=True),
                Raises(TypeError, "If using HDF5 input data, pass shuffl"),
            ),
            "evaluate.hdf5": (
                lambda: [type(single().evaluate(*data, verbose=0)).__name__, list(single().predict(data[0]).shape)],
                ["float", [40, 2]],
            ),
            "fit.hdf5_matrix": (lambda: list(HDF5Matrix(tmp_path / "d.h5", "x").shape), [40, 3]),
        }
        for row in rows.values():
            check(row)


def test_metrics_of_the_last_epoch_are_those_of_its_end():
    check((lambda: fitted(single(metrics=["mae"])), {"loss": MSE, "mae": MAE}))
