"""Gradients on TensorFlow: a gradient tape for given data, an assignment inside the compiled step for applied ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from kerascope.keras.batches import Batch
from kerascope.keras.gradients import Applied, inner_optimizer
from kerascope.keras.state import preserved

_UPDATE = "_distributed_tf_update_step"  # here the gradients of all replicas are one sum


class SummedGradients:
    """Sums the gradient of the compiled loss over batches; see the package."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._step = tf.function(self._gradient)

    def __call__(self, batches: Iterable[Batch]) -> list[Any]:
        """Returns one array per trainable variable."""
        sums = [tf.zeros(v.shape, v.dtype) for v in self._model.trainable_variables]
        with preserved(self._model):
            for batch in batches:
                tensors = tf.nest.map_structure(lambda a: None if a is None else tf.convert_to_tensor(a), tuple(batch))
                sums = [s + g for s, g in zip(sums, self._step(*tensors), strict=True)]
        return sums

    def _gradient(self, x: Any, y: Any, sample_weight: Any) -> list[Any]:
        model = self._model
        values = [v.value for v in model.trainable_variables]
        with tf.GradientTape() as tape:
            y_pred = model(x, training=True) if model._call_has_training_arg else model(x)
            loss = model._compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=True)
        gradients = tape.gradient(loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return [tf.convert_to_tensor(g) for g in gradients]


class AppliedGradients:
    """Adds up applied gradients inside the compiled step; see the package."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._optimizer = inner_optimizer(model)
        self._is_attached = False

    def attach(self) -> None:
        """Starts recording."""
        model, optimizer = self._model, self._optimizer
        self._make_sums()
        update = getattr(optimizer, _UPDATE)

        def record_update(distribution: Any, grads_and_vars: Any, learning_rate: Any) -> None:
            pairs = list(grads_and_vars)
            if len(self._places) < len(pairs):  # a model that was built by its first step, which is being traced now
                with tf.init_scope():
                    self._make_sums()
            places = self._places
            for grad, variable in pairs:
                distribution.extended.update(places[optimizer._var_key(variable)], _add, args=(grad,), group=False)
            squares = [_square_sum(distribution, grad) for grad, _ in pairs]
            distribution.extended.update(self._norms, _add_norm, args=(tf.sqrt(tf.add_n(squares)),), group=False)
            update(distribution, pairs, learning_rate)

        optimizer.__dict__[_UPDATE] = record_update
        self._is_attached = True
        model.make_train_function(force=True)

    def _make_sums(self) -> None:
        variables = self._model.trainable_variables
        with self._model.distribute_strategy.scope():
            self._sums = [tf.Variable(tf.zeros(v.shape, v.dtype), trainable=False) for v in variables]
            self._norms = tf.Variable(tf.zeros(3), trainable=False)  # sum, max, number of steps
        self._places = {self._optimizer._var_key(v): s for v, s in zip(variables, self._sums, strict=True)}

    def reset(self) -> None:
        """Forgets what was recorded."""
        for variable in [*self._sums, self._norms]:
            variable.assign(tf.zeros_like(variable))

    def read(self) -> Applied:
        """Returns what was recorded since `reset`."""
        total, largest, steps = (float(n) for n in tf.convert_to_tensor(self._norms).numpy())
        sums = [tf.convert_to_tensor(s) for s in self._sums]
        return Applied(sums, total / steps if steps else 0.0, largest, int(steps))

    def detach(self) -> None:
        """Stops recording and leaves the optimizer as it was."""
        if self._is_attached:
            self._optimizer.__dict__.pop(_UPDATE, None)
            self._model.train_function = None
            self._is_attached = False


def _add(total: Any, grad: Any) -> None:
    total.assign_add(tf.cast(tf.convert_to_tensor(grad), total.dtype))


def _add_norm(norms: Any, norm: Any) -> None:
    norms.assign(tf.stack([norms[0] + norm, tf.maximum(norms[1], norm), norms[2] + 1.0]))


def _square_sum(distribution: Any, grad: Any) -> Any:
    """The squared length of a gradient; replicas hold the same sum, so any one of them will do."""
    local = distribution.experimental_local_results(grad)[0]
    return tf.reduce_sum(tf.square(tf.cast(tf.convert_to_tensor(local), tf.float32)))
