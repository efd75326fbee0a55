"""How steps are executed: one loop of epochs for all backends, one stepper per backend."""

from __future__ import annotations

from typing import Any

import keras

from kerascope.keras.model.engine.loop import Stepper


def make_stepper(model: Any) -> Stepper:
    """Returns the stepper for a model on the running backend."""
    backend = keras.config.backend()
    if backend == "jax":
        from kerascope.keras.model.engine import jax

        return jax.make_stepper(model)
    if backend == "tensorflow":
        from kerascope.keras.model.engine.tensorflow import TensorFlowStepper

        return TensorFlowStepper(model)
    if backend == "torch":
        from kerascope.keras.model.engine.torch import TorchStepper

        return TorchStepper(model)
    from kerascope.keras.model.engine.default import StepwiseStepper

    return StepwiseStepper(model)
