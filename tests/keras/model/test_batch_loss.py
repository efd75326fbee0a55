"""What batch hooks find under `loss`."""

from __future__ import annotations

import keras
import pytest

from kerascope.keras.model import Model
from tests.keras.model.nets import L, Record, double, expected, features, mae, mse, single, steady, targets

X, Y = features(), targets()
CUTS = [slice(0, 4), slice(4, 8), slice(8, 10)]
LOSSES = [mse(Y[cut], expected(X[cut])) for cut in CUTS]


class Watch(Record):
    """A record that lets steps run in chunks."""

    async_safe = True


@pytest.mark.parametrize("kind", [Record, Watch])
def test_batch_hooks_get_the_loss_of_their_batch_and_metrics_that_run_on(kind):
    record, model = kind(), single()
    model.compile(steady(), "mse", ["mae"])
    history = model.fit(X, Y, batch_size=4, shuffle=False, verbose=0, callbacks=[record]).history
    assert [logs["loss"] for logs in record.batch_logs] == pytest.approx(LOSSES, rel=1e-5)
    running = [mae(Y[: cut.stop], expected(X[: cut.stop])) for cut in CUTS]
    assert [logs["mae"] for logs in record.batch_logs] == pytest.approx(running, rel=1e-5)
    assert all(list(logs) == ["batch", "size", "loss", "mae"] for logs in record.batch_logs)
    assert {name: values[0] for name, values in history.items()} == pytest.approx(
        {"loss": mse(Y, expected(X)), "mae": mae(Y, expected(X))}, rel=1e-5
    )
    assert model.evaluate(X, Y, verbose=0, return_dict=True).keys() == history.keys()
    assert len(model.train_on_batch(X, Y)) == len(model.test_on_batch(X, Y)) == 2


def test_losses_of_single_outputs_run_on():
    record, model, one = Record(), double(), Y[:, :1]
    model.compile(steady(), "mse")
    model.fit([X, X], [Y, one], batch_size=4, shuffle=False, verbose=0, callbacks=[record])
    running = [mse(Y[: cut.stop], expected(X[: cut.stop])) for cut in CUTS]
    assert [logs["oa_loss"] for logs in record.batch_logs] == pytest.approx(running, rel=1e-5)
    assert record.batch_logs[1]["loss"] != pytest.approx(
        record.batch_logs[1]["oa_loss"] + record.batch_logs[1]["ob_loss"], rel=1e-3
    )


def test_what_a_step_of_the_user_returns_is_what_hooks_get():
    class Own(Model):
        def __init__(self):
            super().__init__()
            self.dense = L.Dense(2)

        def call(self, inputs):
            return self.dense(inputs)

        def train_step(self, *args):
            done = super().train_step(*args)
            logs, rest = (done[0], done[1:]) if isinstance(done, tuple) else (done, None)
            made = {"twice": logs["loss"] * 2}
            return made if rest is None else (made, *rest)

    record, model = Record(), Own()
    model.compile(steady(), "mse")
    model.fit(X, Y, batch_size=10, verbose=0, callbacks=[record])
    assert set(record.batch_logs[0]) == {"batch", "size", "twice"}


def test_hooks_may_have_the_names_and_arguments_of_keras_2():
    class Old(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.seen = []

        def on_batch_begin(self, number, told):
            self.seen.append((number, told["size"]))

        def on_batch_end(self, number, told):
            self.seen.append(told["loss"])

    old, model = Old(), single()
    model.compile(steady(), "mse")
    model.fit(X, Y, batch_size=5, shuffle=False, verbose=0, callbacks=[old])
    assert old.seen[::2] == [(0, 5), (1, 5)]
    assert len(old.seen) == 4


def test_metrics_of_ones_own_find_the_results_of_the_others_after_every_batch():
    class Own(Model):
        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            logs = super().compute_metrics(x, y, y_pred, sample_weight)
            return {**logs, "twice": 2 * logs["mae"]}

    a = keras.Input((3,))
    model = Own(a, L.Dense(2)(a))
    model.compile("sgd", "mse", ["mae"])
    history = model.fit(X, Y, batch_size=4, epochs=2, verbose=0).history
    assert history["twice"] == pytest.approx([2 * value for value in history["mae"]])
