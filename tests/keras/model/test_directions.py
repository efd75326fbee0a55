"""In which direction callbacks with `mode="auto"` take what they monitor to get better."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.keras.model.nets import compiled, double, features, single, targets

X, Y = features(), targets()


def grows(y_true, y_pred):
    return keras.ops.mean(y_pred)


def my_acc(y_true, y_pred):
    return keras.ops.mean(y_pred)


@pytest.mark.parametrize(
    ("monitor", "mode"),
    [
        ("loss", "min"),
        ("val_loss", "min"),
        ("val_mae", "min"),
        ("val_acc", "max"),
        ("acc", "max"),
        ("val_cosine_similarity", "max"),
        ("val_grows", "min"),
        ("my_acc", "max"),
    ],
)
def test_metrics_say_it_and_names_where_they_do_not(monitor, mode):
    model = compiled(single(), metrics=["mae", "acc", "cosine_similarity", grows, my_acc])
    stop = keras.callbacks.EarlyStopping(monitor, patience=9)
    model.fit(X, Y, epochs=2, validation_data=(X, Y), verbose=0, callbacks=[stop])
    assert stop.monitor_op is (keras.ops.greater if mode == "max" else keras.ops.less)
    assert stop.best is not None


def test_values_of_single_outputs_are_monitored_too(tmp_path):
    model = compiled(double(), metrics=["mae", "acc"])
    stop = keras.callbacks.EarlyStopping("val_ob_acc")
    slow = keras.callbacks.ReduceLROnPlateau("val_oa_loss")
    keep = keras.callbacks.ModelCheckpoint(str(tmp_path / "best.keras"), "oa_mae", save_best_only=True)
    model.fit([X, X], [Y, Y[:, :1]], validation_split=0.5, epochs=2, verbose=0, callbacks=[stop, slow, keep])
    assert stop.monitor_op is keras.ops.greater
    assert slow.monitor_op is keep.monitor_op is keras.ops.less
    assert (tmp_path / "best.keras").exists()


def test_a_mode_that_is_given_stays_and_a_missing_value_is_told_of():
    model = compiled(single(), metrics=["acc"])
    stop = keras.callbacks.EarlyStopping("acc", mode="min")
    model.fit(X, Y, verbose=0, callbacks=[stop])
    assert stop.monitor_op is keras.ops.less
    with pytest.warns(UserWarning, match="val_f1"):
        model.fit(X, np.zeros_like(Y), verbose=0, callbacks=[keras.callbacks.EarlyStopping("val_f1")])
