"""Seeds that a script sets count for Keras, as they did before Keras 3, and only then."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

import keras
import numpy as np
import pytest

import kerascope.compat
from kerascope.compat import seeds


@pytest.fixture(autouse=True)
def aliases() -> Iterator[None]:
    """The aliases, and generators that are left as they were."""
    before = random.getstate(), np.random.get_state()
    kerascope.compat.install()
    yield
    kerascope.compat.uninstall()
    random.setstate(before[0])
    np.random.set_state(before[1])


def drawn() -> list[float]:
    """What depends on default seeds: weights, and numbers without a seed."""
    return [keras.initializers.GlorotUniform().seed, float(keras.random.normal((1,))[0])]


@pytest.mark.parametrize(
    "seed",
    [lambda: np.random.seed(7), lambda: seeds.set_graph_seed(7), lambda: keras.utils.set_random_seed(7)],
    ids=["numpy", "graph", "keras"],
)
def test_the_same_seed_gives_the_same_draws_whatever_python_random_does(seed: Callable[[], None]) -> None:
    seed()
    first = drawn()
    random.seed(99)
    seed()
    assert drawn() == first


def test_seed_of_python_alone_counts_as_in_keras_3() -> None:
    random.seed(3)
    first = keras.initializers.GlorotUniform().seed
    random.seed(3)
    assert keras.initializers.GlorotUniform().seed == first
    kerascope.compat.uninstall()
    random.seed(3)
    assert keras.initializers.GlorotUniform().seed == first


def test_set_random_seed_of_keras_gives_the_weights_of_keras_3() -> None:
    np.random.seed(1)
    keras.utils.set_random_seed(5)
    ours = keras.initializers.GlorotUniform().seed
    kerascope.compat.uninstall()
    keras.utils.set_random_seed(5)
    assert keras.initializers.GlorotUniform().seed == ours


def test_numpy_without_a_seed_and_other_threads_change_nothing() -> None:
    random.seed(4)
    expected = random.Random(4).randint(1, int(1e9))
    np.random.seed()
    other = threading.Thread(target=lambda: np.random.seed(1))
    other.start()
    other.join()
    assert keras.initializers.GlorotUniform().seed == expected


def test_graph_seed_leaves_numpy_as_the_script_seeded_it() -> None:
    np.random.seed(11)
    expected = np.random.RandomState(11).rand()
    seeds.set_graph_seed(2)
    assert np.random.rand() == expected


def test_uninstall_gives_numpy_its_function_back() -> None:
    kerascope.compat.uninstall()
    assert not hasattr(np.random.seed, "__wrapped__")
    from keras.src.random import seed_generator

    assert seed_generator.python_random is random
