"""Scripts of an age get the default values of that age; scripts of today get today's."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import keras
import numpy as np
import pytest

import kerascope.compat
from kerascope.compat.ages import age_of
from kerascope.compat.defaults import RELEASES, of_release, release_of
from kerascope.errors import UsageError


@pytest.fixture(autouse=True)
def taken_back() -> Iterator[None]:
    yield
    kerascope.compat.uninstall()


@pytest.mark.parametrize(
    ("release", "rates", "resets_after", "gate_at_2"),
    [
        ("2.2", (1.0, 0.01, 0.002), False, 0.9),
        ("2.3", (1.0, 0.01, 0.002), False, None),
        ("2.15", None, True, None),
        ("3", None, True, None),
    ],
)
def test_defaults_are_those_of_the_release(
    release: str, rates: tuple[float, ...] | None, resets_after: bool, gate_at_2: float | None
) -> None:
    kerascope.compat.install(defaults=release)
    kinds = (keras.optimizers.Adadelta, keras.optimizers.Adagrad, keras.optimizers.Nadam)
    assert [float(kind().learning_rate) for kind in kinds] == pytest.approx(rates or (0.001, 0.001, 0.001))
    assert float(keras.optimizers.get("adadelta").learning_rate) == pytest.approx(rates[0] if rates else 0.001)
    assert keras.layers.GRU(2).reset_after is resets_after
    gate = keras.layers.LSTM(2).recurrent_activation
    sigmoid_at_2 = 1 / (1 + np.exp(-2.0))
    assert float(gate(np.float32(2.0))) == pytest.approx(gate_at_2 or sigmoid_at_2, abs=1e-6)
    hard = keras.layers.Activation("hard_sigmoid").activation
    assert float(hard(np.float32(1.0))) == pytest.approx(4 / 6 if release == "3" else 0.7, abs=1e-6)


def test_given_arguments_are_never_touched() -> None:
    kerascope.compat.install(defaults="2.2")
    assert keras.layers.GRU(2, "tanh", "sigmoid", reset_after=True).reset_after
    assert keras.layers.LSTM(2, "tanh", "sigmoid").recurrent_activation is keras.activations.sigmoid
    assert float(keras.optimizers.Adadelta(0.5).learning_rate) == 0.5
    assert float(keras.optimizers.Adadelta(lr=0.5).learning_rate) == 0.5
    assert keras.layers.CuDNNGRU(2).reset_after
    assert keras.layers.CuDNNLSTM(2, "zeros").recurrent_activation is keras.activations.sigmoid


def test_a_release_that_there_is_not_is_refused_and_changes_nothing() -> None:
    with pytest.raises(UsageError, match=r"`defaults` must be one of 2\.2, .*Received: defaults='1'"):
        kerascope.compat.install(defaults="1")
    assert not kerascope.compat.is_installed()
    assert of_release("3") == {}


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("1.2.2", "2.2"),
        ("2.0.8", "2.2"),
        ("2.2.4", "2.2"),
        ("2.3.1", "2.3"),
        ("2.2.4-tf", "2.15"),
        ("2.11.0", "2.15"),
        ("3.15.1", "3"),
    ],
)
def test_versions_of_files_belong_to_releases(version: str, release: str) -> None:
    assert release_of(version) == release
    assert release in RELEASES


@pytest.mark.parametrize(
    ("source", "age"),
    [
        ("from keras.layers import Convolution2D", "2.2"),
        ("from keras.layers import Dense\nm.fit(x, y, nb_epoch=2)", "2.2"),
        ("import keras\nh.history['acc']", "2.2"),
        ("from __future__ import print_function\nimport keras", "2.3"),
        ("from keras import backend as K", "2.3"),
        ("from keras.layers.core import Dense", "2.3"),
        ("from keras.optimizers import SGD\nSGD(lr=0.1)", "2.3"),
        ("import keras\nkeras.layers.Dense(4, input_shape=(3,))", "2.3"),
        ("import tensorflow as tf\ntf.keras.layers.GRU(3)\nx['acc']", "2.15"),
        ("from tensorflow.keras.layers import GRU", "2.15"),
        ("from wandb.integration.keras import WandbMetricsLogger\nimport keras", "2.15"),
        ("import keras\nfrom keras import ops\nkeras.layers.Dense(4, input_shape=(3,))", "3"),
        ("import keras\nkeras.random.normal((2,))\nSGD(lr=1)", "3"),
        ("import keras\nm.save('m.keras')\nm.fit_generator(g)", "3"),
        ("import keras\nkeras.layers.Dense(4)", "3"),
        ("import numpy\nf(nb_epoch=3)", "3"),
        ("import keras, wandb\nwandb.init(config=dict(lr=0.1))", "3"),
    ],
)
def test_age_of_a_script_is_seen_in_its_syntax(source: str, age: str) -> None:
    assert age_of(ast.parse(source)) == age
