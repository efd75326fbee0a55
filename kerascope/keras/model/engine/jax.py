"""Steps on the JAX backend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kerascope.keras.model.engine.default import StepwiseStepper

KINDS = {
    "train": ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables"),
    "test": ("trainable_variables", "non_trainable_variables", "metrics_variables"),
    "predict": ("trainable_variables", "non_trainable_variables"),
}


class JaxStepwiseStepper(StepwiseStepper):
    """One batch at a time; the state lives outside of the model during a pass, as in Keras."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self._state: Any = None

    @contextmanager
    def opened(self, phase: str) -> Iterator[None]:
        """Takes the state out of the model, and puts it back at the end."""
        self.model._jax_state_synced = True
        try:
            yield
        finally:
            self.model.jax_state_sync()
            self.model._jax_state = None
            self._state = None

    def train_step(self, batch: Any) -> Any:
        """Trains on one batch."""
        return self._step("train", self.model.train_function, batch)

    def test_step(self, batch: Any) -> Any:
        """Evaluates one batch."""
        return self._step("test", self.model.test_function, batch)

    def predict_step(self, batch: Any) -> Any:
        """Returns the outputs of one batch."""
        return self._step("predict", self.model.predict_function, batch)

    def _step(self, phase: str, function: Any, batch: Any) -> Any:
        model, kinds = self.model, KINDS[phase]
        if model._jax_state_synced:
            self._state = model._get_jax_state(**dict.fromkeys(kinds, True), purge_model_variables=True)
            # Also what a failing first step leaves behind: the model gets its weights back.
            model._jax_state = dict(zip(kinds, self._state, strict=True))
            model._jax_state_synced = False
        made, self._state = function(self._state, iter([distribute(batch)]))
        model._jax_state = dict(zip(kinds, self._state, strict=True))
        return made


def distribute(batch: Any) -> Any:
    """A batch on the devices of the running `keras.distribution`, if there is one."""
    import keras

    if keras.distribution.distribution() is None:
        return batch
    from keras.src.backend.jax.trainer import _distribute_data

    return _distribute_data(batch)
