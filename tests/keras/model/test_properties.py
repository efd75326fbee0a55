"""Random small models on random data train alike in the compiled loop (on PyTorch without logs of batches), step by step, and in plain Keras."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerascope.keras.model import Model
from tests.keras.model.nets import L

BODIES = {
    "dense": lambda a: L.Dense(4, activation="relu")(L.Flatten()(a)),
    "convolution": lambda a: L.Flatten()(L.Conv2D(2, 2)(a)),
    "recurrent": lambda a: L.GRU(3)(L.Reshape((4, 3))(a)),
    "normalised": lambda a: L.BatchNormalization()(L.Dense(4)(L.Flatten()(a))),
    "dropout": lambda a: L.Dropout(0.4)(L.Dense(6)(L.Flatten()(a))),
}


@dataclass(frozen=True)
class Case:
    """A model and how it is trained."""

    bodies: tuple[str, ...]
    outputs: int
    samples: int
    batch_size: int
    container: str
    weighted: bool
    by_class: bool
    validated: bool
    shuffle: bool


cases = st.builds(
    Case,
    bodies=st.lists(st.sampled_from(sorted(BODIES)), min_size=1, max_size=2).map(tuple),
    outputs=st.integers(1, 2),
    samples=st.integers(9, 24),
    batch_size=st.integers(2, 9),
    container=st.sampled_from(["list", "dict", "tensor"]),
    weighted=st.booleans(),
    by_class=st.booleans(),
    validated=st.booleans(),
    shuffle=st.booleans(),
)


class Watches(keras.callbacks.Callback):
    """Has a batch hook of its own, so that steps run one by one."""

    def on_train_batch_end(self, batch, logs=None):
        self.last = logs


def make(cls, case):
    keras.utils.set_random_seed(5)
    inputs = [keras.Input((4, 3, 1), name=f"i{place}") for place in range(len(case.bodies))]
    joined = [BODIES[body](one) for body, one in zip(case.bodies, inputs, strict=True)]
    middle = L.Concatenate()(joined) if len(joined) > 1 else joined[0]
    outputs = [L.Dense(2, name=f"o{place}")(middle) for place in range(case.outputs)]
    model = cls(inputs, outputs if case.outputs > 1 else outputs[0])
    model.compile(optimizer="adam", loss="mse", metrics=["mae"] if case.outputs == 1 else [["mae"]] * case.outputs)
    return model


def data(case):
    rng = np.random.default_rng(case.samples)
    x = [rng.random((case.samples, 4, 3, 1), "float32") for _ in case.bodies]
    y = [rng.random((case.samples, 2), "float32") for _ in range(case.outputs)]
    weights = [rng.random(case.samples, "float32") for _ in y] if case.weighted else None
    classes = [{0: 0.5, 1: 2.0} for _ in y] if case.by_class else None
    return x, y, weights, classes


def packed(arrays, letter, container):
    if container == "dict":
        return {f"{letter}{place}": array for place, array in enumerate(arrays)}
    if container == "tensor":
        arrays = [keras.ops.convert_to_tensor(array) for array in arrays]
    return arrays if len(arrays) > 1 else arrays[0]


def joined_weights(y, weights, classes):
    """Sample and class weights in one, for plain Keras, which takes no more than one of the two."""
    if weights is None and classes is None:
        return None
    by_class = (
        [np.array([table[row.argmax()] for row in one]) for one, table in zip(y, classes, strict=True)]
        if classes
        else None
    )
    made = [
        np.float32((weights[place] if weights else 1.0) * (by_class[place] if by_class else 1.0))
        for place in range(len(y))
    ]
    return made if len(made) > 1 else made[0]


def train(model, case, callbacks=()):
    keras.utils.set_random_seed(5)
    x, y, weights, classes = data(case)
    arguments = {"batch_size": case.batch_size, "epochs": 2, "verbose": 0, "shuffle": case.shuffle}
    if case.validated:
        arguments["validation_data"] = (packed(x, "i", "list"), packed(y, "o", "list"))
    if isinstance(model, Model):
        history = model.fit(
            packed(x, "i", case.container),
            packed(y, "o", case.container),
            sample_weight=weights,
            class_weight=classes if classes is None or len(classes) > 1 else classes[0],
            callbacks=list(callbacks),
            **arguments,
        )
    else:
        plain = packed(x, "i", "list"), packed(y, "o", "list")
        history = model.fit(*plain, sample_weight=joined_weights(y, weights, classes), **arguments)
    return history.history, [np.array(value) for value in model.get_weights()]


@settings(max_examples=3, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(cases)
def test_loop_steps_and_plain_keras_train_alike(case):
    history, weights = train(make(Model, case), case)
    by_step, stepped = train(make(Model, case), case, [Watches()])
    keras_history, wanted = train(make(keras.Model, case), case)
    assert history == by_step
    for one, two, three in zip(weights, stepped, wanted, strict=True):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_allclose(one, three, atol=5e-5)
    assert set(history) == set(keras_history)
    for name in history:
        np.testing.assert_allclose(history[name], keras_history[name], rtol=1e-3, atol=1e-5)
