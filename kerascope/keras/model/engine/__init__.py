"""How steps are executed: one loop of epochs for all backends, one stepper per backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from kerascope.keras.model.engine.loop import Stepper


def _maker(backend: str) -> Callable[[Any], Stepper]:
    if backend == "jax":
        from kerascope.keras.model.engine import jax

        return jax.make_stepper
    if backend == "tensorflow":
        from kerascope.keras.model.engine.tensorflow import TensorFlowStepper

        return TensorFlowStepper
    if backend == "torch":
        from kerascope.keras.model.engine.torch import TorchStepper

        return TorchStepper
    from kerascope.keras.model.engine.default import StepwiseStepper

    return StepwiseStepper


# Keras has loaded its backend by now and keeps it, so that a first `fit` need not wait for ours.
_MAKE = _maker(keras.config.backend())


def make_stepper(model: Any) -> Stepper:
    """Returns the stepper for a model on the running backend."""
    return _MAKE(model)
