"""Every kind of model, with weights, both forms of gradients, examples, evaluation and the saved model. Runs on every backend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import kerascope
from kerascope.keras import WandbCallback
from tests.keras.models import seed
from tests.keras.reading import recorded

RNG = np.random.default_rng(0)
X = RNG.random((16, 4, 4, 1), dtype=np.float32)
Y = (X > 0.5).astype("float32")
MSE: dict[str, Any] = {"optimizer": "sgd", "loss": "mse"}


@keras.saving.register_keras_serializable("tests")
class Penalised(layers.Layer):  # type: ignore[misc]
    """Adds a loss of its own."""

    def call(self, x: Any) -> Any:
        self.add_loss(0.1 * keras.ops.mean(keras.ops.square(x)))
        return x


@keras.saving.register_keras_serializable("tests")
class Subclassed(keras.Model):  # type: ignore[misc]
    """A model without a graph."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.conv = layers.Conv2D(1, 1, name="conv")

    def call(self, x: Any) -> Any:
        return self.conv(x)


@keras.saving.register_keras_serializable("tests")
class OwnStep(keras.Sequential):  # type: ignore[misc]
    """A model with a training step of its own, which only adds to the usual one."""

    def train_step(self, *arguments: Any) -> Any:
        self.steps_seen = True
        return super().train_step(*arguments)


def nested() -> Any:
    inner = keras.Sequential([layers.Input((4, 4, 1)), layers.Conv2D(2, 1, name="conv")], name="inner")
    return keras.Sequential([layers.Input((4, 4, 1)), inner, layers.Conv2D(1, 1, name="out")])


def many(as_list: bool) -> Any:
    a, b = keras.Input((4, 4, 1), name="a"), keras.Input((4, 4, 1), name="b")
    p, q = layers.Conv2D(1, 1, name="p")(a), layers.Conv2D(1, 1, name="q")(layers.Add()([a, b]))
    return keras.Model([a, b] if as_list else {"a": a, "b": b}, [p, q] if as_list else {"p": p, "q": q})


def stateful() -> Any:
    stack = [
        layers.Input(batch_shape=(4, 4, 4, 1)),
        layers.Reshape((4, 4)),
        layers.LSTM(16, stateful=True, name="lstm"),
    ]
    return keras.Sequential([*stack, layers.Reshape((4, 4, 1))])


# name -> model, inputs, targets, keys of weights and of gradients that must be there, whether there are examples
KINDS: dict[str, Any] = {
    "nested": (nested, X, Y, {"inner/conv.weights", "out.bias"}, {"inner/conv/kernel", "out/kernel"}, True),
    "subclassed": (Subclassed, X, Y, {"conv.weights", "conv.bias"}, {"conv/kernel", "conv/bias"}, True),
    "lists": (lambda: many(True), [X, X], [Y, Y], {"p.weights", "q.bias"}, {"p/kernel", "q/bias"}, False),
    "dicts": (
        lambda: many(False), {"a": X, "b": X}, {"p": Y, "q": Y}, {"p.weights", "q.bias"}, {"p/kernel", "q/bias"}, False,
    ),
    "stateful": (stateful, X, Y, {"lstm.kernel", "lstm.recurrent_kernel", "lstm.bias"}, {"lstm/lstm_cell/kernel"}, True),
    "add_loss": (
        lambda: keras.Sequential([layers.Input((4, 4, 1)), layers.Conv2D(1, 1, name="conv"), Penalised()]),
        X, Y, {"conv.weights"}, {"conv/kernel"}, True,
    ),
    "train_step": (
        lambda: OwnStep([layers.Input((4, 4, 1)), layers.Conv2D(1, 1, name="conv")]),
        X, Y, {"conv.weights"}, {"conv/kernel"}, True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_of_model_is_logged_whole(store: Path, kind: str) -> None:
    if kind == "stateful" and keras.backend.backend() == "torch":
        pytest.skip("Keras 3.15 cannot train a stateful recurrent layer on PyTorch")
    make, x, y, weights, gradients, has_examples = KINDS[kind]
    options = {"log_weights": True, "input_type": "image", "output_type": "image", "predictions": 3, "monitor": "loss"}
    logged: dict[str, set[str]] = {}
    for form in (True, "fit"):
        seed(1)
        model = make()
        model.compile(**MSE)
        run = kerascope.init(project="kinds", dir=str(store), name=kind)
        given = {"validation_data": (x, y), "training_data": (x, y), "log_evaluation": form is True}
        callback = WandbCallback(log_gradients=form, **options, **given)
        model.fit(x, y, batch_size=4, epochs=1, verbose=0, shuffle=False, callbacks=[callback])
        file = run.restore("model-best.h5")
        file.close()
        got = recorded(run, store)
        row = got.rows[0]
        assert {f"parameters/{key}" for key in weights} <= set(row)
        assert {f"gradients/{key}.gradient" for key in gradients} <= set(row)
        assert ("examples" in row) == has_examples
        assert [text for text in got.notices if "need one input and one output" not in text] == []
        logged[str(form)] = {key for key in row if key.endswith(".gradient")}
    assert logged["True"] == logged["fit"]
    assert got.versions(f"model-{kind}") == 2
    folder = got.artifact(f"model-{kind}:best").download(str(store / "got"))
    again = keras.models.load_model(Path(folder) / "model.keras")
    expected, found = (keras.tree.flatten(m.predict(x, batch_size=4, verbose=0)) for m in (model, again))
    if kind != "stateful":  # whose state differs
        assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(expected, found, strict=True))
