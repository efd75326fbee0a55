"""One set of data for one model: standardised, checked, weighted and packed as Keras' training steps take it.

`Preparer` joins the pure rules of `standardize.py` and `weighting.py` with what the model knows: its layout, its
compiled record, the tensors it was given as fixed inputs or targets. The same object prepares whole data sets and
single batches of generators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from kerascope.keras.model.compiled import PerOutput
from kerascope.keras.model.internals import tree
from kerascope.keras.model.layout import Layout
from kerascope.keras.model.messages import listing
from kerascope.keras.model.native import native_tensor
from kerascope.keras.model.standardize import (
    count_samples,
    is_hdf5,
    loose_arrays,
    standardize_inputs,
    standardize_targets,
)
from kerascope.keras.model.weighting import combine, fill, weights_by_output

Batch = tuple[Any, Any, Any]


@dataclass(frozen=True)
class Prepared:
    """Data ready for training.

    Attributes:
        x: Inputs in the container of the model.
        y: Targets in the container of the outputs, or None.
        weights: Weights in the container of the targets, or None.
        samples: Number of samples.
    """

    x: Any
    y: Any
    weights: Any
    samples: int

    @property
    def batch(self) -> Batch:
        """The data as one batch."""
        return (self.x, self.y, self.weights)

    @property
    def loaded(self) -> Batch:
        """The data as one batch of arrays: what is read in slices is read as a whole."""
        x, y, weights = tree.map_structure(lambda array: array[:] if is_hdf5(array) else array, self.batch)
        return (x, y, weights)


class Preparer:
    """Standardises data for one model.

    Args:
        layout: Ends of the model, or None when it does not know them.
        known: The compiled record per output, or None when the model is not compiled or does not know its outputs.
        target_tensors: Fixed targets given to `compile`, in any of its forms.
        graph: The functional model or built Sequential, for inputs that read tensors of their own.
    """

    def __init__(
        self, layout: Layout | None, known: PerOutput | None, target_tensors: Any = None, graph: Any = None
    ) -> None:
        self.layout = layout
        self.known = known
        self._fixed_targets = _by_output(target_tensors, known)
        self._fixed_inputs = _fixed_inputs(layout, graph)

    def prepare(
        self, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None, *, needs_y: bool = True
    ) -> Prepared:
        """Returns the data of one call, or of one batch.

        Args:
            x: Inputs.
            y: Targets.
            sample_weight: Weights per sample, by output.
            class_weight: Weights per class, by output.
            needs_y: Whether outputs with a loss must have targets.

        Raises:
            ValueError: If the data does not fit the model.
            TypeError: If weights come in a container that means nothing.
        """
        if self.layout is None:
            return self._prepare_loosely(x, y, sample_weight, class_weight)
        inputs = self._inputs(x)
        if y is None and not needs_y and not self._fixed_targets:
            return Prepared(self.layout.inputs.pack(inputs), None, None, count_samples(inputs, None, None))
        if self.known is None:
            return Prepared(self.layout.inputs.pack(inputs), loose_arrays(y), None, count_samples(inputs, None, None))
        return self._with_targets(inputs, y, sample_weight, class_weight)

    def inputs_only(self, x: Any) -> Prepared:
        """Returns inputs for `predict`.

        Raises:
            ValueError: If the inputs do not fit the model.
        """
        if self.layout is None:
            values = loose_arrays(x)
            return Prepared(values, None, None, count_samples(values, None, None))
        inputs = self._inputs(x)
        return Prepared(self.layout.inputs.pack(inputs), None, None, count_samples(inputs, None, None))

    def _inputs(self, x: Any) -> list[Any]:
        assert_layout = self.layout
        if assert_layout is None:  # pragma: no cover - callers check
            raise ValueError("The model has no layout.")
        ends = assert_layout.inputs
        if not self._fixed_inputs:
            return standardize_inputs(x, ends)
        free = [index for index, name in enumerate(ends.names) if name not in self._fixed_inputs]
        names = tuple(ends.names[index] for index in free)
        shapes = tuple(ends.shapes[index] for index in free)
        given = standardize_inputs(x, replace(ends, names=names, shapes=shapes, kind="list")) if free else []
        if not free and x is not None and not (isinstance(x, list | tuple | Mapping) and len(x) == 0):
            raise ValueError("All inputs of this model read tensors of their own; `x` must be None.")
        fixed = self._fixed_inputs
        if any(isinstance(array, np.ndarray) for array in given):
            # Steps take arrays or tensors, not both.
            fixed = {name: keras.ops.convert_to_numpy(tensor) for name, tensor in fixed.items()}
        by_name = {**dict(zip(names, given, strict=True)), **fixed}
        return [by_name[name] for name in ends.names]

    def _with_targets(self, inputs: list[Any], y: Any, sample_weight: Any, class_weight: Any) -> Prepared:
        layout, known = self.layout, self.known
        if layout is None or known is None:  # pragma: no cover - callers check
            raise ValueError("The outputs of the model are not known.")
        names = [known.names[index] for index in known.active]
        targets = self._targets(y, names)
        if targets is None:
            return Prepared(layout.inputs.pack(inputs), None, None, count_samples(inputs, None, None))
        weights = self._weights(targets, names, sample_weight, class_weight)
        samples = count_samples(inputs, targets, weights)
        whole = len(names) == len(known.names)

        def pack(values: Sequence[Any]) -> Any:
            return layout.outputs.pack(values) if whole else _bare(values)

        return Prepared(layout.inputs.pack(inputs), pack(targets), None if weights is None else pack(weights), samples)

    def _targets(self, y: Any, names: list[str]) -> list[Any] | None:
        layout, known = self.layout, self.known
        if layout is None or known is None:  # pragma: no cover - callers check
            return None
        free = [name for name in names if name not in self._fixed_targets]
        if not free:
            if y is not None:
                raise ValueError(
                    "All targets are the `target_tensors` given to `compile`; `y` must be None. "
                    f"Outputs: {listing(names)}."
                )
            return [_value(self._fixed_targets[name]) for name in names]
        if y is None and all(loss is None for loss in known.losses):
            return None
        if isinstance(y, Mapping):
            taken = [name for name in self._fixed_targets if name in y]
            if taken:
                raise ValueError(f"Targets of {listing(taken)} are fixed by `target_tensors`; leave them out of `y`.")
        given = dict(zip(free, standardize_targets(y, known, layout.outputs, free), strict=True))
        return [given[name] if name in given else _value(self._fixed_targets[name]) for name in names]

    def _weights(self, targets: list[Any], names: list[str], sample_weight: Any, class_weight: Any) -> list[Any] | None:
        known = self.known
        if known is None:  # pragma: no cover - callers check
            return None
        by_sample = _pick_active("sample_weight", sample_weight, known, names)
        by_class = _pick_active("class_weight", class_weight, known, names)
        temporal = [known.temporal[index] for index in known.active]
        made = [
            combine(target, weight, classes, temporal=by_step, name=name)
            for target, weight, classes, by_step, name in zip(
                targets, by_sample, by_class, temporal, names, strict=True
            )
        ]
        return fill(made, targets, temporal)

    def _prepare_loosely(self, x: Any, y: Any, sample_weight: Any, class_weight: Any) -> Prepared:
        inputs, targets = loose_arrays(x), loose_arrays(y)
        if sample_weight is None and class_weight is None:
            return Prepared(inputs, targets, None, count_samples(inputs, targets, None))
        flat = tree.flatten(targets)
        names = self._loose_names(targets, len(flat))
        temporal = [self.known is not None and any(self.known.temporal)] * len(flat)
        made = [
            combine(target, weight, classes, temporal=by_step, name=name)
            for target, weight, classes, by_step, name in zip(
                flat,
                weights_by_output("sample_weight", sample_weight, names),
                weights_by_output("class_weight", class_weight, names),
                temporal,
                names,
                strict=True,
            )
        ]
        weights = fill(made, flat, temporal)
        packed = None if weights is None else tree.pack_sequence_as(targets, weights)
        return Prepared(inputs, targets, packed, count_samples(inputs, targets, packed))

    def _loose_names(self, targets: Any, count: int) -> list[str]:
        if isinstance(targets, Mapping):
            return [str(key) for key in sorted(targets)]
        if self.known is not None and len(self.known.names) == count:
            return list(self.known.names)
        return [f"output_{index + 1}" for index in range(count)]


def unpack(batch: Any) -> Batch:
    """Takes what a generator yielded apart into (x, y, sample_weight).

    Raises:
        ValueError: If it is neither (x, y) nor (x, y, sample_weight).
    """
    if isinstance(batch, list | tuple) and len(batch) == 2:
        return batch[0], batch[1], None
    if isinstance(batch, list | tuple) and len(batch) == 3:
        return batch[0], batch[1], batch[2]
    shown = f"a {type(batch).__name__} of length {len(batch)}" if isinstance(batch, list | tuple) else repr(batch)[:120]
    raise ValueError(f"Output of generator should be a tuple `(x, y, sample_weight)` or `(x, y)`. Found: {shown}.")


def _bare(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else list(values)


def _value(tensor: Any) -> Any:
    return tensor.value if isinstance(tensor, keras.Variable) else tensor


def _pick_active(argument: str, value: Any, known: PerOutput, names: list[str]) -> list[Any]:
    """Weights of the outputs with a loss; a list may also have an entry for each of the other outputs."""
    if isinstance(value, list) and len(value) == len(known.names) != len(names):
        value = [value[index] for index in known.active]
    if isinstance(value, Mapping) and len(known.names) > 1 and not any(key in names for key in value):
        value = value if not any(key in known.names for key in value) else None
    return weights_by_output(argument, value, names)


def _by_output(targets: Any, known: PerOutput | None) -> dict[str, Any]:
    if targets is None or known is None:
        return {}
    if not isinstance(targets, Mapping):
        targets = dict(zip(known.names, targets if isinstance(targets, list) else [targets], strict=True))
    # A symbolic tensor holds no data: it stands for a placeholder, which `y` fills.
    return {
        name: tensor
        for name, tensor in targets.items()
        if tensor is not None and not isinstance(tensor, keras.KerasTensor)
    }


def _fixed_inputs(layout: Layout | None, graph: Any) -> dict[str, Any]:
    if layout is None or graph is None:
        return {}
    found = {}
    for name, tensor in zip(layout.inputs.names, graph.inputs, strict=True):
        value = native_tensor(tensor)
        if value is not None:
            found[name] = value
    return found
