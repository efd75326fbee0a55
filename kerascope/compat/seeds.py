"""Seeds as old scripts set them: after `np.random.seed(n)` weights, dropout and shuffles are the same in every run.

Before Keras 3, whatever had no seed of its own drew one from NumPy's generator, or from the graph's seed after
`tf.set_random_seed(n)`. Keras 3 draws it from Python's `random`. Promises: without any of these calls all stays as Keras 3 has it, and
after `keras.utils.set_random_seed(n)` too; seeds are drawn when layers and initializers are made, so that no step costs more.
Not for: other threads and processes than the one that installed, whose generators are their own.
"""

from __future__ import annotations

import functools
import os
import random
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from kerascope.compat.patches import Patches
from kerascope.compat.report import note

_SEED_LIMIT = 2**31 - 1  # what every backend takes


class _Seeds:
    """Where Keras draws default seeds from: stands in for the module `random` there."""

    def __init__(self) -> None:
        self._process = 0
        self.forget()

    def forget(self) -> None:
        """Draws from Python's generator, as Keras 3 does."""
        self._draw: Callable[[int, int], int] = random.randint
        self._numpy_was_set = self._graph_was_set = False
        self._process = os.getpid()

    def randint(self, low: int, high: int) -> int:
        """Returns a seed from `low` to `high`."""
        return int(self._draw(low, high))

    def set_by_numpy(self, value: Any) -> None:
        """Draws from NumPy's generator, which was seeded with a value."""
        if value is None or not self._is_at_home():
            return
        self._draw = np.random.randint
        self._numpy_was_set = True
        _begin_anew()
        _seed_rows(np.random.RandomState(value).randint(_SEED_LIMIT), self._graph_was_set)

    def set_by_graph(self, value: int, seed_numpy: Callable[[Any], None] | None = None) -> None:
        """Draws from a generator of its own.

        Args:
            value: the seed.
            seed_numpy: seeds NumPy, which shuffles rows where TensorFlow does not; not called if the script has seeded it.
        """
        self._draw = random.Random(value).randint
        self._graph_was_set = True
        _begin_anew()
        if seed_numpy is not None:
            if not self._numpy_was_set:
                seed_numpy(value % 2**32)
            _seed_rows(value % _SEED_LIMIT, True)

    def set_by_keras(self) -> None:
        """Draws from Python's generator, which `keras.utils.set_random_seed` has seeded."""
        self._draw = random.randint

    def _is_at_home(self) -> bool:
        return os.getpid() == self._process and threading.current_thread() is threading.main_thread()


_SEEDS = _Seeds()
_seed_numpy = np.random.seed


def follow(patches: Patches, keras: Any) -> None:
    """Makes the seeds that a script sets from now on count for Keras.

    Args:
        patches: where the changes are remembered.
        keras: the keras package.
    """
    from keras.src.random import seed_generator

    _SEEDS.forget()
    patches.set(seed_generator, "python_random", _SEEDS)
    patches.set(np.random, "seed", _then(np.random.seed, _SEEDS.set_by_numpy))
    of_keras = _then(keras.utils.set_random_seed, lambda value: _SEEDS.set_by_keras())
    patches.set(keras.utils, "set_random_seed", of_keras)


def follow_tensorflow(patches: Patches, tensorflow: Any) -> None:
    """Makes the seeds of TensorFlow, where it is installed, count for Keras.

    Args:
        patches: where the changes are remembered.
        tensorflow: the package.
    """
    import keras

    by_rows = None if keras.config.backend() == "tensorflow" else _seed_numpy
    for home, name in (
        (tensorflow.random, "set_seed"),
        (tensorflow.compat.v1, "set_random_seed"),
        (tensorflow.compat.v1.random, "set_random_seed"),
    ):
        patches.set(home, name, _then(getattr(home, name), lambda seed: _SEEDS.set_by_graph(seed, by_rows)))


def set_graph_seed(seed: int) -> None:
    """What `tf.set_random_seed` and `tf.random.set_seed` do where TensorFlow is a stand-in.

    Args:
        seed: any whole number.
    """
    note("tf.set_random_seed(n)", "keras.utils.set_random_seed(n)")
    _SEEDS.set_by_graph(int(seed), _seed_numpy)


def _then(original: Callable[[Any], None], tell: Callable[[Any], None]) -> Callable[..., None]:
    @functools.wraps(original)
    def seed(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        tell(args[0] if args else kwargs.get("seed"))

    return seed


def _begin_anew() -> None:
    """Lets Keras make its global generator again, from the new seed."""
    from keras.src.backend.common import global_state
    from keras.src.random import seed_generator

    global_state.set_global_attribute(seed_generator.GLOBAL_SEED_GENERATOR, None)


def _seed_rows(seed: Any, graph_was_set: bool) -> None:
    """Seeds the generator that shuffles rows where it is neither NumPy's (as on JAX) nor one that the script has seeded itself."""
    import keras

    name = keras.config.backend()
    package = sys.modules.get(name)
    if package is None:
        return
    if name == "torch":
        package.manual_seed(int(seed))
    elif name == "tensorflow" and not graph_was_set:
        set_seed = package.random.set_seed
        getattr(set_seed, "__wrapped__", set_seed)(int(seed))  # not as a call of the script
