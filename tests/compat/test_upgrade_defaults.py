"""`kerascope upgrade` writes the default values of the script's age out, so that the script gives the same without the runner."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import kerascope.compat
from kerascope.compat.ages import age_of
from kerascope.compat.upgrade import upgrade

OLD = "from keras.layers.core import Dense\n"
TODAY = "from keras.layers import Dense\n"
KERAS_1 = "m.fit(x, y, nb_epoch=2)\n"
GATE = "from kerascope.compat.backend import hard_sigmoid as old_hard_sigmoid\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("GRU(8)  # gates\n", "GRU(8, reset_after=False)  # gates\n"),
        ("GRU(8, reset_after=True)\n", "GRU(8, reset_after=True)\n"),
        ("GRU(\n    (8),  # units (few)\n)\n", "GRU(\n    (8), reset_after=False,  # units (few)\n)\n"),
        ("GRU(8, consume_less='gpu')\n", "GRU(8, reset_after=False)\n"),
        ("Adadelta()\n", "Adadelta(learning_rate=1.0)\n"),
        ("Adadelta(0.5)\n", "Adadelta(0.5)\n"),
        ("Adadelta(lr=0.5)\n", "Adadelta(learning_rate=0.5)\n"),
        ("Adadelta(epsilon=None, decay=0.0)\n", "Adadelta(learning_rate=1.0)\n"),
        ("Adagrad(lr=0.1, epsilon=None)\n", "Adagrad(learning_rate=0.1, initial_accumulator_value=0.0)\n"),
        ("CuDNNGRU(8)\n", "CuDNNGRU(8)\n"),
    ],
)
def test_defaults_that_a_call_relies_on_are_written_behind_its_arguments(old: str, new: str) -> None:
    assert upgrade(OLD + old).source == TODAY + new


def test_an_optimizer_by_its_name_becomes_one_with_the_rate_it_had() -> None:
    source = upgrade(OLD + "m.compile('adadelta', loss='mse')\n").source
    assert (
        source == TODAY.rstrip() + "\nfrom keras.optimizers import Adadelta\n"
        "m.compile(Adadelta(learning_rate=1.0), loss='mse')\n"
    )


def test_hard_sigmoid_is_written_as_the_formula_it_was() -> None:
    written = upgrade(TODAY + "LSTM(4)\nDense(2, activation='hard_sigmoid')\n" + KERAS_1).source
    assert written.startswith(TODAY + GATE)
    assert "LSTM(4, recurrent_activation=old_hard_sigmoid)\nDense(2, activation=old_hard_sigmoid)\n" in written


def test_what_may_be_given_in_a_dict_is_left_to_the_user() -> None:
    done = upgrade(OLD + "GRU(8, **settings)\n")
    assert done.source == TODAY + "GRU(8, **settings)\n"
    assert done.left == [
        (2, "`GRU` had other default values: add reset_after=False unless they are given."),
    ]


@pytest.mark.parametrize("source", ["import keras\nGRU(8)\nm.compile('adadelta')\n", "import torch\nGRU(8)\n"])
def test_scripts_of_today_keep_the_defaults_of_today(source: str) -> None:
    assert upgrade(source).source == source


def test_upgraded_text_gives_the_numbers_of_the_runner() -> None:
    script = (
        "import numpy as np\nfrom keras.layers.recurrent import GRU, LSTM\nfrom keras.models import Sequential\n"
        "m = Sequential([GRU(3, return_sequences=True, init='ones'), LSTM(2, init='ones', inner_init='ones')])\n"
        "result = m.predict(np.linspace(0, 1, 12).reshape(1, 4, 3), verbose=0)\n"
    )
    tree_age = age_of(compile(script, "script", "exec", 0x400))  # ast.PyCF_ONLY_AST
    assert tree_age == "2.2"
    kerascope.compat.install(defaults=tree_age)
    try:
        keras.utils.set_random_seed(1)
        with_runner: dict[str, np.ndarray] = {}
        exec(script, with_runner)
    finally:
        kerascope.compat.uninstall()
    keras.utils.set_random_seed(1)
    alone: dict[str, np.ndarray] = {}
    upgraded = upgrade(script)
    assert upgraded.left == []
    exec(upgraded.source, alone)
    np.testing.assert_allclose(alone["result"], with_runner["result"], atol=1e-6)
