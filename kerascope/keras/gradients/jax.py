"""Gradients on JAX: pure functions of the model's variables, so nothing has to be put back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp
import keras

from kerascope.keras.batches import Batch
from kerascope.keras.gradients import EXTRA_NAME, UPDATE_HOOK, Applied, inner_optimizer


class SummedGradients:
    """Sums the gradient of the compiled loss over batches; see the package."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._step = jax.jit(self._add_gradient)

    def __call__(self, batches: Iterable[Batch]) -> list[Any]:
        """Returns one array per trainable variable."""
        model = self._model
        trainable = [v.value for v in model.trainable_variables]
        state = [v.value for v in model.non_trainable_variables]
        metrics = [v.value for v in model.metrics_variables]
        optimizer = [v.value for v in model.optimizer.variables]
        sums = [jnp.zeros_like(value) for value in trainable]
        for batch in batches:
            sums, state = self._step(sums, trainable, state, metrics, optimizer, tuple(batch))
        return sums

    def _add_gradient(
        self,
        sums: list[Any],
        trainable: list[Any],
        state: list[Any],
        metrics: list[Any],
        optimizer: list[Any],
        data: Any,
    ) -> tuple[list[Any], list[Any]]:
        x, y, sample_weight = data

        def loss(trainable: list[Any]) -> tuple[Any, list[Any]]:
            _, (unscaled, _, new_state, _) = self._model.compute_loss_and_updates(
                trainable, state, metrics, x, y, sample_weight, training=True, optimizer_variables=optimizer
            )
            return unscaled, new_state

        gradients, new_state = jax.grad(loss, has_aux=True)(trainable)
        return [s + g for s, g in zip(sums, gradients, strict=True)], new_state


class AppliedGradients:
    """Adds up applied gradients inside the compiled step; see the package.

    The sums are optimizer variables while attached, since a compiled step can only keep what passes through it; files written meanwhile do
    not contain them.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._optimizer = inner_optimizer(model)
        self._extra: list[Any] = []

    def attach(self) -> None:
        """Starts recording."""
        optimizer, trainable = self._optimizer, self._model.trainable_variables
        self._sums = [optimizer.add_variable_from_reference(v, name=EXTRA_NAME) for v in trainable]
        self._norms = optimizer.add_variable((3,), name=f"{EXTRA_NAME}_norms")  # sum, max, number of steps
        self._extra = [*self._sums, self._norms]
        self._by_variable = {id(v): s for v, s in zip(trainable, self._sums, strict=True)}
        update = getattr(optimizer, UPDATE_HOOK)

        def record_update(grads: list[Any], variables: list[Any], learning_rate: Any) -> None:
            self._record(list(grads), list(variables))
            update(grads, variables, learning_rate)

        hooks: dict[str, Callable[..., Any]] = {UPDATE_HOOK: record_update}
        for name in ("save_own_variables", "load_own_variables"):
            hooks[name] = self._without_extra(getattr(optimizer, name))
        optimizer.__dict__.update(hooks)
        self._hooks = list(hooks)
        self._model.make_train_function(force=True)

    def _record(self, grads: list[Any], variables: list[Any]) -> None:
        # The barrier keeps the compiler from fusing the sums into the update, which could round the weights otherwise.
        grads = jax.lax.optimization_barrier([jnp.asarray(g) for g in grads])
        for grad, variable in zip(grads, variables, strict=True):
            total = self._by_variable[id(variable)]
            total.assign(total.value + grad.astype(total.dtype))
        norm = jnp.sqrt(sum(jnp.sum(jnp.square(g.astype(jnp.float32))) for g in grads))
        old = self._norms.value
        self._norms.assign(jnp.stack([old[0] + norm, jnp.maximum(old[1], norm), old[2] + 1]))

    def reset(self) -> None:
        """Forgets what was recorded."""
        for variable in self._extra:
            variable.assign(keras.ops.zeros_like(variable.value))

    def read(self) -> Applied:
        """Returns what was recorded since `reset`."""
        total, largest, steps = (float(n) for n in jax.device_get(self._norms.value))
        return Applied([v.value for v in self._sums], total / steps if steps else 0.0, largest, int(steps))

    def detach(self) -> None:
        """Stops recording and leaves the optimizer as it was."""
        extra = {id(v) for v in self._extra}
        optimizer = self._optimizer
        for name in self._hooks if extra else ():
            optimizer.__dict__.pop(name, None)
        optimizer._variables[:] = [v for v in optimizer._variables if id(v) not in extra]
        self._extra = []
        self._model.train_function = None

    def _without_extra(self, method: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def call(store: Any) -> Any:
            extra, kept = {id(v) for v in self._extra}, self._optimizer._variables[:]
            self._optimizer._variables[:] = [v for v in kept if id(v) not in extra]
            try:
                return method(store)
            finally:
                self._optimizer._variables[:] = kept

        return call
