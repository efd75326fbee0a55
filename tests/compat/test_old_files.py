"""HDF5 files and JSON of Keras 1 and 2 give the numbers they were saved with; the reference is NumPy, written from the formulas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

import kerascope.compat
from kerascope.compat.old_files import from_cudnn, join_gates

STEPS, INPUTS, UNITS = 4, 3, 2
ATOL = 1e-6  # float32 over four steps
Weights = list[np.ndarray[Any, Any]]


@pytest.fixture(autouse=True)
def aliases() -> Iterator[None]:
    kerascope.compat.install()
    yield
    kerascope.compat.uninstall()


def hard(x: Any) -> Any:
    return np.clip(0.2 * x + 0.5, 0, 1)


def soft(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def gru(x: Any, kernel: Any, recurrent: Any, bias: Any, gate: Any) -> Any:
    """The last state; the reset gate comes before the product, as without `reset_after`."""
    state = np.zeros((len(x), UNITS))
    for step in range(x.shape[1]):
        z, r, h = np.split(x[:, step] @ kernel + bias, 3, axis=1)
        uz, ur, uh = np.split(recurrent, 3, axis=1)
        z, r = gate(z + state @ uz), gate(r + state @ ur)
        state = z * state + (1 - z) * np.tanh(h + (r * state) @ uh)
    return state


def lstm(x: Any, kernel: Any, recurrent: Any, bias: Any, gate: Any) -> Any:
    state = carry = np.zeros((len(x), UNITS))
    for step in range(x.shape[1]):
        i, f, c, o = np.split(x[:, step] @ kernel + state @ recurrent + bias, 4, axis=1)
        carry = gate(f) * carry + gate(i) * np.tanh(c)
        state = gate(o) * np.tanh(carry)
    return state


def weights(gates: int, seed: int = 0) -> Weights:
    draw = np.random.default_rng(seed).normal
    return [
        draw(size=shape).astype("float32")
        for shape in ((INPUTS, gates * UNITS), (UNITS, gates * UNITS), (gates * UNITS,))
    ]


def data() -> Any:
    return np.random.default_rng(1).normal(size=(5, STEPS, INPUTS)).astype("float32")


def save_as_old(
    path: Path, layers: list[tuple[str, dict[str, Any], Weights]], version: str = "2.2.4", **more: Any
) -> str:
    """Writes the file of a Sequential model as Keras of that version wrote it."""
    config = [
        {"class_name": kind, "config": {"name": f"layer_{n}", **settings}}
        for n, (kind, settings, _) in enumerate(layers)
    ]
    with h5py.File(path, "w") as file:
        for home in (file, file.create_group("model_weights")):
            home.attrs["keras_version"] = version.encode()
            home.attrs["backend"] = str(more.get("backend", "tensorflow")).encode()
        whole = {"class_name": "Sequential", "config": config if version < "2.2.3" else {"name": "m", "layers": config}}
        file.attrs["model_config"] = json.dumps(whole).encode()
        saved = file["model_weights"]
        saved.attrs["layer_names"] = [f"layer_{n}".encode() for n in range(len(layers))]
        for n, (_, _, values) in enumerate(layers):
            group = saved.create_group(f"layer_{n}")
            names = more.get("names") or [f"layer_{n}/weight_{place}:0" for place in range(len(values))]
            group.attrs["weight_names"] = [one.encode() for one in names]
            for name, value in zip(names, values, strict=True):
                group.create_dataset(name, data=value)
    return str(path)


RECURRENT = {"units": UNITS, "batch_input_shape": [None, STEPS, INPUTS], "activation": "tanh", "use_bias": True}


def test_hard_sigmoid_of_a_file_is_the_old_one(tmp_path: Path) -> None:
    kernel, bias = np.array([[4.0, -1.0]], "float32"), np.zeros(2, "float32")
    dense = {"units": 2, "activation": "hard_sigmoid", "use_bias": True, "batch_input_shape": [None, 1]}
    model = keras.models.load_model(save_as_old(tmp_path / "m.h5", [("Dense", dense, [kernel, bias])]))
    x = np.array([[0.5], [1.0], [-3.0]], "float32")
    np.testing.assert_allclose(model.predict(x, verbose=0), hard(x @ kernel), atol=ATOL)


def test_gru_and_lstm_of_a_file_compute_what_their_version_meant(tmp_path: Path) -> None:
    values, x = weights(3), data()
    said = {**RECURRENT, "recurrent_activation": "hard_sigmoid", "implementation": 1, "reset_after": False}
    for settings in (said, RECURRENT):  # files of 2.0 say nothing of reset_after
        model = keras.models.load_model(save_as_old(tmp_path / "gru.h5", [("GRU", settings, values)]))
        np.testing.assert_allclose(model.predict(x, verbose=0), gru(x, *values, hard), atol=ATOL)
    values = weights(4)
    for version, gate in (("2.2.4", hard), ("2.3.1", soft), ("2.11.0", soft)):
        model = keras.models.load_model(save_as_old(tmp_path / "lstm.h5", [("LSTM", RECURRENT, values)], version))
        np.testing.assert_allclose(model.predict(x, verbose=0), lstm(x, *values, gate), atol=ATOL)


def test_gates_that_keras_1_kept_apart_are_joined(tmp_path: Path) -> None:
    kernel, recurrent, bias = weights(4)
    parts = [np.split(one, 4, axis=-1) for one in (kernel, recurrent, bias)]
    names, values = [], []
    for gate in "icfo":  # the order of Keras 1; today it is i, f, c, o
        for part, halves in zip("WUb", parts, strict=True):
            names.append(f"lstm_1_{part}_{gate}")
            values.append(halves["ifco".index(gate)])
    settings = {"output_dim": UNITS, "batch_input_shape": [None, STEPS, INPUTS], "inner_activation": "hard_sigmoid"}
    path = save_as_old(tmp_path / "m.h5", [("LSTM", settings, values)], "1.2.2", names=names)
    model, x = keras.models.load_model(path), data()
    np.testing.assert_allclose(model.predict(x, verbose=0), lstm(x, kernel, recurrent, bias, hard), atol=ATOL)
    assert join_gates(["a", "b"], [1, 2]) == [1, 2]


def test_layers_of_cudnn_become_layers_of_every_device(tmp_path: Path) -> None:
    kernel, recurrent, bias = weights(4)
    # cuDNN keeps, per gate, the transposed matrix, and two biases that are added.
    as_cudnn = [
        np.hstack([one.ravel("F").reshape(one.shape) for one in np.split(kernel, 4, axis=1)]),
        np.hstack([one.T for one in np.split(recurrent, 4, axis=1)]),
        np.concatenate([bias - 1, np.ones_like(bias)]),
    ]
    settings = {"units": UNITS, "batch_input_shape": [None, STEPS, INPUTS]}
    path = save_as_old(tmp_path / "m.h5", [("CuDNNLSTM", settings, as_cudnn)])
    x = data()
    np.testing.assert_allclose(
        keras.models.load_model(path).predict(x, verbose=0), lstm(x, kernel, recurrent, bias, soft), atol=ATOL
    )
    untouched = weights(3)
    assert all(a is b for a, b in zip(from_cudnn(*untouched, gates=3), untouched, strict=True))
    assert from_cudnn(*weights(3)[:2], np.zeros(6 * UNITS, "float32"), gates=3)[2].shape == (2, 3 * UNITS)


def test_kernels_that_theano_saved_are_turned(tmp_path: Path) -> None:
    kernel = np.arange(9, dtype="float32").reshape(3, 3, 1, 1)
    settings = {"filters": 1, "kernel_size": [3, 3], "batch_input_shape": [None, 3, 3, 1], "use_bias": False}
    path = save_as_old(tmp_path / "m.h5", [("Conv2D", settings, [kernel])], backend="theano")
    x = np.eye(3, dtype="float32").reshape(1, 3, 3, 1)
    x[0, 0, 2] = 5.0
    expected = float((kernel[::-1, ::-1, 0, 0] * x[0, :, :, 0]).sum())
    assert float(keras.models.load_model(path).predict(x, verbose=0).reshape(())) == pytest.approx(expected)


def test_json_of_keras_2_is_read_as_it_was_meant() -> None:
    gru_config = {"class_name": "GRU", "config": {"name": "gru_1", **RECURRENT, "recurrent_activation": "hard_sigmoid"}}
    text = json.dumps(
        {"class_name": "Sequential", "config": [gru_config], "keras_version": "2.2.4", "backend": "tensorflow"}
    )
    model, values, x = keras.models.model_from_json(text), weights(3), data()
    model.set_weights(values)
    np.testing.assert_allclose(model.predict(x, verbose=0), gru(x, *values, hard), atol=ATOL)


def test_a_file_of_today_with_the_old_activation_keeps_it(tmp_path: Path) -> None:
    from kerascope.compat.backend_functions import hard_sigmoid

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, activation=hard_sigmoid)])
    x = np.linspace(-4, 4, 9, dtype="float32")[:, None]
    for name in ("m.keras", "m.h5"):
        model.save(str(tmp_path / name))
        again = keras.models.load_model(str(tmp_path / name))
        np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), atol=ATOL)
        np.testing.assert_allclose(again.predict(x, verbose=0), hard(x * model.get_weights()[0]), atol=ATOL)


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_decay_and_the_number_of_updates_survive_saving(name: str, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile(keras.optimizers.SGD(lr=0.1, decay=0.5, momentum=0.9), "mse")
    x = np.ones((4, 1), "float32")
    model.fit(x, 3 * x, batch_size=2, epochs=2, verbose=0, shuffle=False)
    model.save(str(tmp_path / name))
    again = keras.models.load_model(str(tmp_path / name))
    assert float(again.optimizer.decay) == 0.5
    assert int(again.optimizer.iterations) == 4
    for one in (model, again):
        one.fit(x, 3 * x, batch_size=2, epochs=2, verbose=0, shuffle=False)
    np.testing.assert_allclose(again.get_weights()[0], model.get_weights()[0], atol=ATOL)
