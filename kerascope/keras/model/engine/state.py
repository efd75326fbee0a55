"""The state that JAX programs take and return, and the variables of the model that it is taken from.

Keras has the same in `_get_jax_state` and `jax_state_sync`, which look for the variables in all layers each time and
convert every value. Here they are looked for once in a pass, and what a program returned is put back as it is.
"""

from __future__ import annotations

from typing import Any

KINDS = {
    "train": ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables"),
    "test": ("trainable_variables", "non_trainable_variables", "metrics_variables"),
    "predict": ("trainable_variables", "non_trainable_variables"),
}

State = tuple[list[Any], ...]


class TakenVariables:
    """The variables of a model for one phase.

    Args:
        model: The model.
        phase: "train", "test" or "predict".
    """

    def __init__(self, model: Any, phase: str) -> None:
        self._kinds = tuple(_variables(model, kind) for kind in KINDS[phase])
        self._types: list[Any] = []

    def take(self) -> State:
        """Returns the values and leaves the variables without any, so that nothing is held twice."""
        state = tuple([variable.value for variable in kind] for kind in self._kinds)
        self._types = [[value.dtype for value in values] for values in state]
        for kind in self._kinds:
            for variable in kind:
                variable._value = None
        return state

    def give_back(self, state: State) -> None:
        """Puts the values of a state into the variables; those of another shape or type go through Keras' checks."""
        for kind, values, types in zip(self._kinds, state, self._types, strict=True):
            for variable, value, dtype in zip(kind, values, types, strict=True):
                if value.dtype == dtype and value.shape == variable._shape:
                    variable._direct_assign(value)
                else:
                    variable.assign(value)


def _variables(model: Any, kind: str) -> list[Any]:
    if kind == "optimizer_variables":
        return list(model.optimizer.variables)
    return list(getattr(model, kind))
