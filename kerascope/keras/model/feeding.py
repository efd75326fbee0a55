"""Which source of batches serves the data of a call: arrays, HDF5 data, generators and Sequences, framework data sets.

Here the arguments of `fit`, `evaluate` and `predict` that speak of data are checked against each other; the sources
themselves are in `sources.py`, what makes one batch fit the model in `prepare.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from kerascope.keras.model import arguments
from kerascope.keras.model.generators import is_sequence, make_feed, sequence_length
from kerascope.keras.model.hdf5 import RowRange
from kerascope.keras.model.internals import get_data_adapter, is_framework_dataset, tree
from kerascope.keras.model.messages import short
from kerascope.keras.model.prepare import Prepared, Preparer, unpack
from kerascope.keras.model.sources import ArraySource, FeedSource, FrameworkSource, Source
from kerascope.keras.model.sparse import SparseRows
from kerascope.keras.model.standardize import is_hdf5

DEFAULT_BATCH_SIZE = 32


@dataclass
class Workers:
    """How generators are read."""

    max_queue_size: int = 10
    workers: int = 1
    use_multiprocessing: bool = False


@dataclass
class FitCall:
    """The arguments of one `fit`."""

    x: Any = None
    y: Any = None
    batch_size: Any = None
    epochs: Any = 1
    verbose: Any = 1
    callbacks: Any = None
    validation_split: Any = 0.0
    validation_data: Any = None
    shuffle: Any = True
    class_weight: Any = None
    sample_weight: Any = None
    initial_epoch: Any = 0
    steps_per_epoch: Any = None
    validation_steps: Any = None
    validation_freq: Any = 1
    validation_batch_size: Any = None
    workers: Workers = field(default_factory=Workers)


def preparer(model: Any, x: Any) -> Preparer:
    """What standardises data for this model; an unbuilt `Sequential` is built for the shape of the data first."""
    layout = model._layout()
    if layout is None and _build_sequential(model, x):
        layout = model._layout()
    known = model._known_outputs(layout)
    targets = model._classic.target_tensors if model._classic is not None else None
    graph = model if hasattr(model, "_inputs_struct") else getattr(model, "_functional", None)
    return Preparer(layout, known, targets, graph)


def array_source(
    model: Any,
    prepared: Prepared,
    batch_size: Any,
    shuffle: bool | str,
    steps: int | None,
    *,
    predicting: bool = False,
) -> ArraySource:
    """Batches cut from arrays; `steps` without a batch size means the whole data in every step."""
    size = arguments.check_batch_size(batch_size)
    fixed = _fixed_batch_size(model)
    if fixed is not None:
        if size is not None and size != fixed:
            raise ValueError(f"The model takes batches of exactly {fixed} samples. Received: batch_size={size}.")
        size = fixed
    if size is None and steps is None:
        size = DEFAULT_BATCH_SIZE
    uneven = size is not None and prepared.samples % size != 0
    if uneven and model.stateful and not (predicting and prepared.samples < (size or 0)):
        raise ValueError(
            "In a stateful network, you should only pass inputs with a number of samples that is a multiple of the "
            f"batch size. Found: {prepared.samples} samples, batch_size={size}."
        )
    return ArraySource(prepared, size, shuffle, steps)


def stream_source(
    model: Any,
    x: Any,
    steps: int | None,
    class_weight: Any,
    workers: Workers,
    argument: str,
    *,
    shuffle: bool = False,
    inputs_only: bool = False,
    strict: bool = False,
) -> Source:
    """Batches from a generator, a Sequence or a data set of a framework.

    With `inputs_only` a tuple of one item stands for the inputs, as in Keras 3, unless `strict`.

    Raises:
        ValueError: If a generator comes without a number of steps.
    """
    if is_framework_dataset(x):
        adapter = get_data_adapter(x, class_weight=class_weight)
        return FrameworkSource(adapter, keras.config.backend(), steps)
    sequence = is_sequence(x)
    if steps is None and (not sequence or sequence_length(x) is None):
        raise ValueError(
            f"`{argument}=None` is only valid for a generator based on the `keras.utils.Sequence` class, which knows "
            f"its length. Give `{argument}`. Received: {short(x)}."
        )
    convert = _predict_converter(model, strict) if inputs_only else _batch_converter(model, class_weight)
    how = _own_workers(x, workers)
    feed = make_feed(
        x,
        workers=how.workers,
        use_multiprocessing=how.use_multiprocessing,
        max_queue_size=how.max_queue_size,
        shuffle=shuffle and steps is None,
    )
    return FeedSource(feed, convert, steps, x if sequence else None)


def training_source(model: Any, call: FitCall, steps: int | None) -> tuple[Source, Prepared | None]:
    """The source to train on, and the part cut off for validation."""
    if is_stream(call.x):
        refuse_beside(call.x, y=call.y, sample_weight=call.sample_weight, batch_size=call.batch_size)
        if arguments.check_split(call.validation_split) and call.validation_data is None:
            raise ValueError(
                "With a generator or Sequence you cannot use `validation_split`, which needs arrays; "
                f"give `validation_data`. Received: validation_split={call.validation_split}."
            )
        shuffle = bool(arguments.check_shuffle(call.shuffle))
        source = stream_source(
            model, call.x, steps, call.class_weight, call.workers, "steps_per_epoch", shuffle=shuffle
        )
        return source, None
    shuffle_arrays = arguments.check_shuffle(call.shuffle)
    ready = preparer(model, call.x)
    data = ready.prepare(call.x, call.y, call.sample_weight, call.class_weight)
    if shuffle_arrays is True and steps is None and any(_only_in_order(a) for a in tree.flatten(data.batch)):
        raise TypeError(
            'If using HDF5 input data, pass shuffle="batch" or shuffle=False: it cannot be shuffled row by row. '
            f"Received: shuffle={call.shuffle}."
        )
    split = arguments.check_split(call.validation_split)
    rest = None
    if split and call.validation_data is None:
        if steps is not None and any(keras.ops.is_tensor(one) for one in tree.flatten((data.x, data.y))):
            raise ValueError(
                "If your data is in the form of tensors that every step takes as a whole, you cannot use "
                f"`validation_split`. Received: steps_per_epoch={steps}, validation_split={split}. "
                "Give `validation_data`."
            )
        at = arguments.split_at(data.samples, split)
        plain = data if call.class_weight is None else ready.prepare(call.x, call.y, call.sample_weight)
        rest, data = _cut(plain, at, data.samples), _cut(data, 0, at)
    # As documented: shuffling has no effect beside a number of steps.
    order = False if steps is not None else shuffle_arrays
    return array_source(model, data, call.batch_size, order, steps), rest


def validation_source(model: Any, call: FitCall, rest: Prepared | None, steps: int | None) -> Source | None:
    """The source to validate on: `validation_data`, or the part `rest` that was cut off; None without validation.

    Raises:
        ValueError: If the data or the number of steps does not fit.
    """
    count = arguments.check_steps("validation_steps", call.validation_steps)
    size = call.validation_batch_size or call.batch_size
    data = call.validation_data
    if data is None and rest is None and (count is None or is_stream(call.x)):
        return None
    if data is not None and is_stream(data):
        return stream_source(model, data, count, None, call.workers, "validation_steps")
    if is_stream(call.x):
        count = None  # As documented: it counts for validation generators only.
    if count is not None and steps is None:
        raise ValueError(
            "Can only use `validation_steps` when doing step-wise training, i.e. `steps_per_epoch` must be set. "
            f"Received: validation_steps={count}, steps_per_epoch=None."
        )
    if rest is None and data is None:
        # Without any data of the call, a model whose inputs and targets read tensors validates on them.
        if call.x is not None or call.y is not None:
            return None
        rest = preparer(model, None).prepare(None, None)
    if rest is None:
        if not isinstance(data, list | tuple) or len(data) not in (2, 3):
            raise ValueError(
                "When passing validation_data, it must contain 2 (x_val, y_val) or 3 (x_val, y_val, "
                "val_sample_weights) items. "
                f"Received: {len(data) if isinstance(data, list | tuple) else short(data)}."
            )
        rest = preparer(model, data[0]).prepare(*data)
    if size is None and count is None:
        size = DEFAULT_BATCH_SIZE
    return array_source(model, rest, size, False, count)


def is_stream(x: Any) -> bool:
    """Whether data comes in batches of its own making."""
    if x is None or isinstance(x, np.ndarray | list | tuple | Mapping):
        return False
    return is_sequence(x) or hasattr(x, "__next__") or is_framework_dataset(x)


def refuse_beside(x: Any, **others: Any) -> None:
    """Refuses arguments that data in batches brings itself.

    Raises:
        ValueError: If one was given.
    """
    given = [name for name, value in others.items() if value is not None]
    if given:
        raise ValueError(
            f"Data that comes in batches ({type(x).__name__}) brings its own targets, weights and batch size. "
            f"Received also: {', '.join(given)}."
        )


def _batch_converter(model: Any, class_weight: Any) -> Any:
    def convert(raw: Any) -> Any:
        x, y, weights = unpack(raw)
        return preparer(model, x).prepare(x, y, weights, class_weight).loaded

    return convert


def _predict_converter(model: Any, strict: bool) -> Any:
    def convert(raw: Any) -> Any:
        if isinstance(raw, tuple) and len(raw) == 1 and not strict:
            raw = raw[0]
        elif isinstance(raw, tuple):
            raw = unpack(raw)[0]
        return preparer(model, raw).inputs_only(raw).loaded

    return convert


def _own_workers(x: Any, given: Workers) -> Workers:
    """A PyDataset may carry its own settings; they count where the call leaves the defaults."""
    if not isinstance(x, keras.utils.PyDataset) or given != Workers():
        return given
    return Workers(
        getattr(x, "_max_queue_size", given.max_queue_size),
        getattr(x, "_workers", given.workers),
        getattr(x, "_use_multiprocessing", given.use_multiprocessing),
    )


def _cut(data: Prepared, start: int, stop: int) -> Prepared:
    def part(array: Any) -> Any:
        if array is None:
            return None
        if isinstance(array, SparseRows):
            return array.part(start, stop)
        return RowRange(array, start, stop) if is_hdf5(array) else array[start:stop]

    x, y, weights = tree.map_structure(part, data.batch)
    return Prepared(x, y, weights, stop - start)


def _only_in_order(array: Any) -> bool:
    """Whether rows of an array can be read in slices only."""
    return is_hdf5(array) and not isinstance(array, SparseRows)


def _fixed_batch_size(model: Any) -> int | None:
    layout = model._layout()
    if layout is None or not layout.inputs.shapes:
        return None
    size = layout.inputs.shapes[0][0]
    return None if size is None else int(size)


def _build_sequential(model: Any, x: Any) -> bool:
    """Builds an unbuilt `Sequential` for the shape of an array."""
    if not isinstance(model, keras.Sequential) or model.built or not model.layers:
        return False
    value = x[0] if isinstance(x, list | tuple) and len(x) == 1 and hasattr(x[0], "shape") else x
    if isinstance(value, Mapping):
        return False
    shape = getattr(value, "shape", None) or np.shape(value)
    if len(shape) == 0:
        return False
    model.build((None, *(shape[1:] or (1,))))
    return bool(model.built)
