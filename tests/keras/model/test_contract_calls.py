"""What Keras 2.3.1 answered to small questions about the other methods: one row for each question."""

from __future__ import annotations

import threading

import keras
import numpy as np
import pytest

from kerascope.keras.model import Model
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
    check,
    double,
    on_both,
    printed,
    scalar_model,
    single,
)


def mean(values):
    return float(np.mean(values))


BOTH = [MSE + MSE_B, MSE, MSE_B]
METRICS = {"oa": "mae", "ob": "mse"}
DICTS = ({"ia": X, "ib": X}, {"oa": Y, "ob": YB})
OB_W = [MSE + mean(SQUARES_B * W), MSE, mean(SQUARES_B * W)]
CLASSES = {"oa": {0: 1.0, 1: 4.0}}
ONES = np.where(Y.argmax(1) == 1, 4.0, 1.0)


def batch(index, size=2):
    """Batch `index`: its loss on `single()` is 0.0025 * index ** 2, as recorded."""
    return np.full((size, 3), index / 10, "float32"), np.full((size, 2), index / 10, "float32")


def numbered(start=0):
    while True:
        yield batch(start)
        start += 1


class Numbered(keras.utils.Sequence):
    def __init__(self, count=6):
        super().__init__()
        self.count = count
        self.asked = []
        self.ended = 0

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        self.asked.append(index)
        return batch(index)

    def on_epoch_end(self):
        self.ended += 1


def generated(generator, model=None, **kwargs):
    made = (model or single()).fit_generator(generator, verbose=0, **kwargs)
    return made.history


def events(call):
    record = Record()
    call([record])
    return record.events


def asked(**kwargs):
    sequence = Numbered()
    generated(sequence, **kwargs)
    return sequence


def shuffled():
    seen = [asked(shuffle=True).asked for _ in range(3)]
    return [all(sorted(one) == list(range(6)) for one in seen), any(one != list(range(6)) for one in seen)]


def on_main_thread(workers):
    seen = []

    def batches():
        while True:
            seen.append(threading.current_thread() is threading.main_thread())
            yield batch(1)

    generated(batches(), steps_per_epoch=2, workers=workers)
    return sorted(set(seen))


def read_ahead():
    made = []

    def batches():
        while True:
            made.append(1)
            yield batch(1)

    generated(batches(), steps_per_epoch=3, max_queue_size=2)
    return 3 <= len(made) <= 3 + 2 + 2


def uneven():
    """Six samples whose loss is 3, two whose loss is 4; the mean over samples is 3.25, the last batch has 4."""
    while True:
        yield np.zeros((6, 3)), np.full((6, 2), np.sqrt(3.0))
        yield np.zeros((2, 3)), np.full((2, 2), 2.0)


def inputs_only():
    return (np.ones((2, 3)) for _ in range(3))


def stateful(samples, **kwargs):
    a = keras.Input(batch_shape=(4, 2, 3))
    return list(Model(a, L.SimpleRNN(1, stateful=True)(a)).predict(np.ones((samples, 2, 3)), batch_size=4).shape)


def one_update():
    model = single(optimizer=keras.optimizers.SGD(1.0))
    before = model.get_weights()[0]
    model.train_on_batch(X, Y)
    gradient = X.T @ (X @ before - Y) / 10
    return float(np.abs(before - gradient - model.get_weights()[0]).max()) < 1e-5


def no_update():
    model = single(optimizer=keras.optimizers.SGD(1.0))
    model.test_on_batch(X, Y)
    return float(np.abs(model.get_weights()[0] - 0.5).max()) == 0.0


def temporal():
    a = keras.Input((4, 3))
    model = compiled(Model(a, L.Dense(1, use_bias=False, kernel_initializer="ones")(a)), sample_weight_mode="temporal")
    return model.train_on_batch(np.ones((2, 4, 3)), np.zeros((2, 4, 1)), sample_weight=np.eye(2, 4))


def shapes(made):
    return [type(made).__name__, [list(one.shape) for one in made]]


def typed(value):
    return [type(value).__name__, value]


def seventy():
    return events(lambda callbacks: bare().predict(np.ones((70, 3)), callbacks=callbacks))


THREE = np.mean([0.0, 0.0025, 0.01]).item()
SHAPE = Raises(ValueError, r"Error when checking input: expected in to have shape \(3,\) but got arra")
LENGTHS = Raises(ValueError, "same number of samples")
UNCOMPILED = Raises(RuntimeError, "You must compile a model before training/testing. Use `model.compile.o")
NO_BATCH = Raises(ValueError, r"Output of generator should be a tuple `\(x, y, sample_weight\)` or `\(x, ")
NO_STEPS = Raises(ValueError, "steps.*=None` is only valid for a generator based on the `ke")

ROWS = {
    "evaluate.uncompiled": (lambda: bare().evaluate(X, Y), UNCOMPILED),
    "evaluate.scalar": (lambda: typed(single().evaluate(X, Y, verbose=0)), ["float", MSE]),
    "evaluate.list": (lambda: single(metrics=["mae"]).evaluate(X, Y, verbose=0), [MSE, MAE]),
    "evaluate.multi": (lambda: double().evaluate([X, X], [Y, YB], verbose=0), BOTH),
    "evaluate.dict": (lambda: double().evaluate(*DICTS, verbose=0), BOTH),
    "evaluate.multi_metrics_order": (
        lambda: [double(metrics=METRICS).metrics_names, double(metrics=METRICS).evaluate(*DICTS, verbose=0)],
        [["loss", "oa_loss", "ob_loss", "oa_mae", "ob_mse"], [*BOTH, MAE, MSE_B]],
    ),
    "evaluate.metrics_names_before_fit": (lambda: single(metrics=["mae"]).metrics_names, ["loss", "mae"]),
    "evaluate.batch_avg": (lambda: single().evaluate(X, Y, batch_size=4, verbose=0), MSE),
    "evaluate.verbose_default": (lambda: bool(printed(lambda: single().evaluate(X, Y))), True),
    "evaluate.verbose0": (lambda: printed(lambda: single().evaluate(X, Y, verbose=0)), ""),
    "evaluate.sample_weight": (lambda: single().evaluate(X, Y, sample_weight=W, verbose=0), mean(SQUARES * W)),
    "evaluate.steps": (lambda: single().evaluate(X, Y, steps=1, verbose=0), MSE),
    "evaluate.callbacks": (
        lambda: events(lambda callbacks: single().evaluate(X, Y, batch_size=5, verbose=0, callbacks=callbacks)),
        ["test_begin", "t0", "t1", "test_end"],
    ),
    "evaluate.x_None": (lambda: single().evaluate(None, None, steps=2), Raises(ValueError, "No input data")),
    "predict.type": (lambda: typed(bare().predict(X).shape), ["tuple", (10, 2)]),
    "predict.dtype": (lambda: str(bare().predict(X).dtype), "float32"),
    "predict.verbose_default": (lambda: printed(lambda: bare().predict(X)), ""),
    "predict.verbose1": (lambda: bool(printed(lambda: bare().predict(X, verbose=1))), True),
    "predict.multi": (lambda: shapes(double(compile=False).predict([X, X])), ["list", [[10, 2], [10, 1]]]),
    "predict.dict": (lambda: shapes(double(compile=False).predict(DICTS[0])), ["list", [[10, 2], [10, 1]]]),
    "predict.steps": (lambda: bare().predict(X, steps=2).shape, (20, 2)),
    "predict.batch_size_default": (seventy, ["predict_begin", "p0", "p1", "p2", "predict_end"]),
    "predict.err.shape": (lambda: bare().predict(X[:, :2]), SHAPE),
    "predict.err.n_inputs": (
        lambda: double().predict([X]),
        Raises(ValueError, "Error when checking model input: the list of Numpy arrays that you are"),
    ),
    "predict.err.None_in_list": (lambda: bare().predict([None]), Raises(ValueError, "None")),
    "predict.err.cardinality": (lambda: double().predict([X, X[:4]]), LENGTHS),
    "predict.stateful_ok": (lambda: stateful(8), [8, 1]),
    "predict.stateful_err": (
        lambda: stateful(10),
        Raises(ValueError, "In a stateful network, you should only pass inputs with a number of sa"),
    ),
    "tob.uncompiled": (lambda: bare().train_on_batch(X, Y), UNCOMPILED),
    "tob.scalar": (lambda: typed(single().train_on_batch(X, Y)), ["float32", MSE]),
    "tob.list": (lambda: typed(single(metrics=["mae"]).train_on_batch(X, Y)), ["list", [MSE, MAE]]),
    "tob.multi": (lambda: double(metrics=METRICS).train_on_batch([X, X], [Y, YB]), [*BOTH, MAE, MSE_B]),
    "tob.dict": (lambda: double().train_on_batch(*DICTS), BOTH),
    "tob.one_update": (one_update, True),
    "tob.sample_weight": (lambda: single().train_on_batch(X, Y, W), mean(SQUARES * W)),
    "tob.sample_weight_list": (lambda: double().train_on_batch([X, X], [Y, YB], [None, W]), OB_W),
    "tob.sample_weight_dict": (lambda: double().train_on_batch([X, X], [Y, YB], {"ob": W}), OB_W),
    "tob.class_weight": (
        lambda: single().train_on_batch(X, Y, class_weight={0: 1.0, 1: 4.0}),
        mean(SQUARES * ONES),
    ),
    "tob.class_weight_per_output": (
        lambda: double().train_on_batch([X, X], [Y, YB], class_weight=CLASSES),
        [mean(SQUARES * ONES) + MSE_B, mean(SQUARES * ONES), MSE_B],
    ),
    "tob.temporal": (temporal, 9 * 0.25),
    "tob.y_required": (lambda: single().train_on_batch(X), Raises(TypeError, "y")),
    "tob.err.shape": (lambda: single().train_on_batch(X[:, :2], Y), SHAPE),
    "tob.err.cardinality": (lambda: single().train_on_batch(X, Y[:5]), LENGTHS),
    "tob.pylist_y": (lambda: scalar_model().train_on_batch(X[:2], [0, 1]), mean([0.05**2, 0.8**2])),
    "tob.y_1d": (lambda: scalar_model().train_on_batch(X, Y[:, 0]), 0.05125),
    "teb.uncompiled": (lambda: bare().test_on_batch(X, Y), UNCOMPILED),
    "teb.scalar": (lambda: typed(single().test_on_batch(X, Y)), ["float32", MSE]),
    "teb.list": (lambda: typed(single(metrics=["mae"]).test_on_batch(X, Y)), ["list", [MSE, MAE]]),
    "teb.multi": (lambda: on_both(double()), BOTH),
    "teb.no_update": (no_update, True),
    "teb.sample_weight": (lambda: single().test_on_batch(X, Y, W), mean(SQUARES * W)),
    "pob.type": (
        lambda: [type(bare().predict_on_batch(X)).__name__, bare().predict_on_batch(X).shape[0]],
        ["ndarray", 10],
    ),
    "pob.multi": (lambda: shapes(double().predict_on_batch([X, X])), ["list", [[10, 2], [10, 1]]]),
    "pob.dict": (lambda: shapes(double().predict_on_batch(DICTS[0])), ["list", [[10, 2], [10, 1]]]),
    "fg.exists": (lambda: generated(numbered(), steps_per_epoch=3, epochs=2), {"loss": [0.0041667, 0.0416667]}),
    "fg.loss_avg": (lambda: generated(uneven(), steps_per_epoch=2), {"loss": [3.25]}),
    "fg.dict": (
        lambda: generated((({"in": x}, {"out": y}) for x, y in numbered()), steps_per_epoch=3),
        {"loss": [THREE]},
    ),
    "fg.xyw": (
        lambda: generated(((x, y, np.full(2, 2.0)) for x, y in numbered()), steps_per_epoch=3),
        {"loss": [2 * THREE]},
    ),
    "fg.none_w": (lambda: generated(((x, y, None) for x, y in numbered()), steps_per_epoch=3), {"loss": [THREE]}),
    "fg.list": (lambda: generated(([x, y] for x, y in numbered()), steps_per_epoch=3), {"loss": [THREE]}),
    "fg.bad.four": (lambda: generated(iter([(X, Y, W, W)]), steps_per_epoch=1), NO_BATCH),
    "fg.bad.int": (lambda: generated(iter([7]), steps_per_epoch=1), NO_BATCH),
    "fg.bad.none": (lambda: generated(iter([None]), steps_per_epoch=1), NO_BATCH),
    "fg.bad.x1": (lambda: generated(iter([(X,)]), steps_per_epoch=1), NO_BATCH),
    "fg.bad.str": (lambda: generated(iter(["ab"]), steps_per_epoch=1), NO_BATCH),
    "fg.no_steps": (lambda: generated(numbered()), NO_STEPS),
    "fg.seq_steps": (lambda: len(asked(epochs=2, workers=0).asked), 12),
    "fg.seq_once": (lambda: asked(epochs=2, workers=0).asked, [*range(6), *range(6)]),
    "fg.seq_once_w1": (lambda: asked(shuffle=False).asked, list(range(6))),
    "fg.seq_shuffle": (shuffled, [True, True]),
    "fg.seq_on_epoch_end": (lambda: asked(epochs=3, workers=0).ended, 3),
    "fg.seq_on_epoch_end_w1": (lambda: asked(epochs=3).ended, 3),
    "fg.workers0_thread": (lambda: on_main_thread(0), [True]),
    "fg.workers1_thread": (lambda: on_main_thread(1), [False]),
    "fg.max_queue": (read_ahead, True),
    "fg.class_weight": (
        lambda: generated(iter([(X, Y)]), steps_per_epoch=1, class_weight={0: 1.0, 1: 4.0}),
        {"loss": [mean(SQUARES * ONES)]},
    ),
    "fg.val_tuple": (
        lambda: list(generated(numbered(), steps_per_epoch=1, validation_data=(X, Y))),
        ["loss", "val_loss"],
    ),
    "fg.val_gen": (
        lambda: generated(numbered(), steps_per_epoch=3, validation_data=numbered(), validation_steps=3),
        {"loss": [THREE], "val_loss": [THREE]},
    ),
    "fg.val_seq": (
        lambda: generated(numbered(), steps_per_epoch=3, validation_data=Numbered(3)),
        {"loss": [THREE], "val_loss": [THREE]},
    ),
    "fg.val_gen_nosteps": (lambda: generated(numbered(), steps_per_epoch=1, validation_data=numbered()), NO_STEPS),
    "fg.initial_epoch": (
        lambda: single().fit_generator(numbered(), 1, epochs=5, initial_epoch=3, verbose=0).epoch,
        [3, 4],
    ),
    "fg.mp_seq": (lambda: generated(Numbered(), use_multiprocessing=True, shuffle=False), {"loss": [0.0229167]}),
    "eg.scalar": (lambda: typed(single().evaluate_generator(numbered(), 3)), ["float", 0.01]),
    "eg.list": (lambda: single(metrics=["mae"]).evaluate_generator(numbered(), 3), [0.01, 0.05]),
    "eg.unequal": (lambda: single().evaluate_generator(uneven(), 2), 4.0),
    "eg.seq": (lambda: single().evaluate_generator(Numbered(4)), 0.0225),
    "eg.no_steps": (lambda: single().evaluate_generator(numbered()), NO_STEPS),
    "eg.bad": (lambda: single().evaluate_generator(iter([7]), 1), NO_BATCH),
    "eg.callbacks": (
        lambda: events(lambda callbacks: single().evaluate_generator(numbered(), 2, callbacks)),
        ["test_begin", "t0", "t1", "test_end"],
    ),
    "eg.verbose": (
        lambda: [bool(printed(lambda v=v: single().evaluate_generator(numbered(), 2, verbose=v))) for v in (0, 1)],
        [False, True],
    ),
    "pg.x": (lambda: single().predict_generator(inputs_only(), 3).shape, (6, 2)),
    "pg.xy": (lambda: single().predict_generator(numbered(), 3).shape, (6, 2)),
    "pg.seq": (lambda: list(single().predict_generator(Numbered(4))[::2, 0]), [0.0, 0.15, 0.3, 0.45]),
    "pg.multi": (
        lambda: shapes(double().predict_generator(iter([[X[:2], X[:2]]] * 2), 2)),
        ["list", [[4, 2], [4, 1]]],
    ),
    "pg.no_steps": (lambda: single().predict_generator(inputs_only()), NO_STEPS),
    "pg.bad": (lambda: single().predict_generator(iter([(X, Y, W, W)]), 1), NO_BATCH),
    "pg.bad of one": (lambda: single().predict_generator(iter([(X,)]), 1), NO_BATCH),
    "pg.callbacks": (
        lambda: events(lambda callbacks: single().predict_generator(Numbered(2), callbacks=callbacks)),
        ["predict_begin", "p0", "p1", "predict_end"],
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_answers_are_those_of_keras_2_3(name):
    check(ROWS[name])


def test_labels_are_as_many_as_values_also_after_a_fit():
    model = double(metrics=METRICS)
    model.fit(*DICTS, verbose=0)
    assert len(model.metrics_names) == len(model.evaluate(*DICTS, verbose=0)) == 5
