"""Data as users hold it, turned into flat lists of arrays that fit the model, or a ValueError that says why not.

Pure: nothing here runs a model. Inputs and targets go through the same steps: take the container apart by name or
by place, make arrays of what is not one, give one-dimensional data a feature axis, compare shapes, compare lengths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerascope.keras.model.compiled import PerOutput
from kerascope.keras.model.hdf5 import ExpandedRows
from kerascope.keras.model.identifiers import ELEMENTWISE_LOSSES, SPARSE_LOSS, loss_name
from kerascope.keras.model.internals import tree
from kerascope.keras.model.layout import Ends, Shape
from kerascope.keras.model.messages import listing, short
from kerascope.keras.model.sparse import SparseRows, is_sparse_matrix


def standardize_inputs(x: Any, inputs: Ends, *, extra_axis: bool = True) -> list[Any]:
    """Returns the input arrays of a model in the order of its inputs.

    Args:
        x: An array, a list of arrays, or a dict of arrays by input name.
        inputs: Names and shapes of the inputs.
        extra_axis: Whether one-dimensional arrays get a feature axis.

    Raises:
        ValueError: If `x` is missing, has another number of arrays or another shape than the model takes.
    """
    arrays = _take_apart("input", x, inputs.names)
    for name, array in zip(inputs.names, arrays, strict=True):
        if name not in inputs.texts:
            _check_numbers("input", name, array)
    shapes: list[Shape | None] = [shape if extra_axis or len(shape) != 1 else None for shape in inputs.shapes]
    return [
        _fit_shape("input", name, array, shape) for name, array, shape in zip(inputs.names, arrays, shapes, strict=True)
    ]


def standardize_targets(y: Any, known: PerOutput, outputs: Ends, names: Sequence[str]) -> list[Any]:
    """Returns the target arrays of the outputs called `names`, in that order.

    Raises:
        ValueError: If `y` is missing, has another number of arrays or a shape that its loss cannot compare.
    """
    if isinstance(y, list | tuple) and len(y) == len(known.names) != len(names) and _holds_arrays(y):
        # Targets for all outputs of a model that has losses for some of them.
        y = [value for name, value in zip(known.names, y, strict=True) if name in names]
    arrays = _take_apart("target", y, tuple(names))
    result = []
    for name, array in zip(names, arrays, strict=True):
        _check_numbers("target", name, array)
        index = known.names.index(name)
        result.append(_fit_target(name, array, outputs.shapes[index], loss_name(known.losses[index])))
    return result


def loose_arrays(value: Any) -> Any:
    """Arrays in the container they came in, for a model that does not know its inputs or outputs."""
    if isinstance(value, Mapping):
        return {key: loose_arrays(item) for key, item in value.items()}
    if isinstance(value, list | tuple) and _holds_arrays(value):
        made = [loose_arrays(item) for item in value]
        return made[0] if len(made) == 1 else (made if isinstance(value, list) else tuple(made))
    return None if value is None else _array(value)


def count_samples(x: Any, y: Any, weights: Any) -> int:
    """Returns the number of samples that all arrays share.

    Raises:
        ValueError: If the arrays differ in length or hold no sample.
    """
    counts: dict[str, list[int]] = {}
    for label, group in (("x", x), ("y", y), ("sample_weight", weights)):
        sizes = [int(array.shape[0]) for array in tree.flatten(group) if array is not None]
        if sizes:
            counts[label] = sizes
    distinct = {size for sizes in counts.values() for size in sizes}
    if not distinct:
        raise ValueError("There is no data: `x` and `y` are None and the model has no tensors of its own to read.")
    if len(distinct) > 1:
        raise ValueError(_lengths_differ(counts))
    number = distinct.pop()
    if number == 0:
        raise ValueError("Data must hold at least one sample. Received: arrays of length 0.")
    return number


def _lengths_differ(counts: Mapping[str, list[int]]) -> str:
    """What is wrong with the lengths: within one kind of arrays first, then between kinds."""
    for label, what in (
        ("x", "input arrays (x)"),
        ("y", "target arrays (y)"),
        ("sample_weight", "sample_weight arrays"),
    ):
        if len(set(counts.get(label, []))) > 1:
            return f"All {what} should have the same number of samples. Received lengths: {counts[label]}."
    if "x" in counts and "y" in counts and counts["x"][0] != counts["y"][0]:
        return (
            "Input arrays should have the same number of samples as target arrays. "
            f"Found {counts['x'][0]} input samples and {counts['y'][0]} target samples."
        )
    found = ", ".join(f"{label}: {sizes[0]}" for label, sizes in counts.items())
    return f"Sample_weight arrays should have the same number of samples as input arrays. Found {found}."


def is_hdf5(value: Any) -> bool:
    """Whether a value is an HDF5 dataset or the like, which is read in slices and never as a whole."""
    if getattr(value, "reads_slices", False):
        return True
    kind = type(value)
    return kind.__module__.split(".")[0] == "h5py" and kind.__name__ == "Dataset"


def _take_apart(side: str, data: Any, names: tuple[str, ...]) -> list[Any]:
    """The arrays of one side in the order of `names`."""
    if not names:
        return []
    if data is None:
        raise ValueError(
            f"No {side} data: the model expects {len(names)} {side} array(s) ({listing(names)}) "
            "and has no tensors of its own to read them from. Received: None."
        )
    if isinstance(data, Mapping):
        values = _by_name(side, data, names)
    elif isinstance(data, list | tuple) and _is_container(data, names):
        values = list(data)
    else:
        values = [data]
    if len(values) != len(names):
        shown = [getattr(value, "shape", short(value)) for value in values]
        raise ValueError(
            f"Error when checking model {side}: the list of Numpy arrays that you are passing has not the size the model "
            f"expects. Expected to see {len(names)} array(s), one for each of {listing(names)}, but instead got "
            f"{len(values)} of shape {short(shown)}."
        )
    for name, value in zip(names, values, strict=True):
        if value is None:
            raise ValueError(f"Error when checking model {side}: no array for {name!r}. Received: None.")
    return [_array(value) for value in values]


def _by_name(side: str, data: Mapping[Any, Any], names: tuple[str, ...]) -> list[Any]:
    missing = [name for name in names if name not in data]
    if missing:
        raise ValueError(
            f'No data provided for "{missing[0]}". Need data for each key in: {list(names)}. '
            f"Received {side} data for: {listing(data)}."
        )
    return [data[name] for name in names]


def _is_container(data: Sequence[Any], names: tuple[str, ...]) -> bool:
    """Whether a list is a list of arrays, not an array written as a list of numbers."""
    if _holds_arrays(data):
        return True
    return len(names) > 1 and len(data) == len(names)


def _holds_arrays(data: Sequence[Any]) -> bool:
    """Whether a list holds arrays; the numbers of NumPy are numbers, though they have a shape."""
    return any(
        value is None or isinstance(value, Mapping) or (hasattr(value, "shape") and not isinstance(value, np.generic))
        for value in data
    )


def _array(value: Any) -> Any:
    """An array: NumPy for lists, frames and 64-bit floats; framework tensors and HDF5 datasets stay what they are."""
    if is_sparse_matrix(value):
        return SparseRows(value)
    if is_hdf5(value) or (hasattr(value, "shape") and not isinstance(value, np.ndarray | np.generic)):
        if type(value).__name__ in ("DataFrame", "Series") and hasattr(value, "to_numpy"):
            return _narrow(np.asarray(value.to_numpy()))
        if isinstance(value, keras.Variable):
            return value.value
        return value
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"Data must be arrays of one shape. Received: {short(value)}.") from error
    if array.dtype == object:
        try:
            array = array.astype(keras.config.floatx())
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"Data must be numbers. Received: {short(value)} of type {type(value).__name__}."
            ) from error
    return _narrow(array)


def _narrow(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """64-bit floats become the float type of Keras, as Keras itself does."""
    floatx = keras.config.floatx()
    if array.dtype.kind == "f" and str(array.dtype) != floatx:
        return array.astype(floatx)
    return array


def _expand(array: Any) -> Any:
    """Adds a trailing axis of length 1."""
    if isinstance(array, np.ndarray):
        return array[..., np.newaxis]
    return ExpandedRows(array) if is_hdf5(array) else keras.ops.expand_dims(array, -1)


def _fit_shape(side: str, name: str, array: Any, shape: Shape | None) -> Any:
    if len(array.shape) == 0:
        raise ValueError(f"Error when checking {side}: {name!r} must be an array of samples. Received: {short(array)}.")
    if shape is None:
        return array
    if len(array.shape) == 1 and len(shape) != 1:
        array = _expand(array)
    _check_shape(side, name, tuple(array.shape), shape)
    return array


def _check_numbers(side: str, name: str, array: Any) -> None:
    if isinstance(array, np.ndarray) and array.dtype.kind in "USMm":
        raise ValueError(f"Error when checking {side}: {name!r} must hold numbers. Received: {short(array)}.")


def _check_shape(side: str, name: str, received: tuple[int, ...], shape: Shape) -> None:
    if len(received) != len(shape):
        raise ValueError(
            f"Error when checking {side}: expected {name} to have {len(shape)} dimensions, but got array with shape "
            f"{received}. The model takes {shape}."
        )
    if any(want is not None and want != have for want, have in zip(shape[1:], received[1:], strict=True)):
        raise ValueError(
            f"Error when checking {side}: expected {name} to have shape {shape[1:]} but got array with shape "
            f"{received[1:]} (whole array: {received})."
        )


def _fit_target(name: str, array: Any, output: Shape, loss: str | None) -> Any:
    """A target with the axes its loss expects."""
    if len(array.shape) == 0:
        raise ValueError(f"Error when checking target: {name!r} must be an array of samples. Received: {short(array)}.")
    if loss == SPARSE_LOSS:
        wanted: Shape = (*output[:-1], 1)
        if len(array.shape) == len(wanted) - 1:
            array = _expand(array)
        _check_shape("target", name, tuple(array.shape), wanted)
        return array
    if len(array.shape) == 1 and len(output) != 1:
        array = _expand(array)
    if loss in ELEMENTWISE_LOSSES:
        if len(array.shape) == len(output) - 1 and output[-1] == 1:
            array = _expand(array)
        _check_shape("target", name, tuple(array.shape), output)
        _check_one_hot(name, tuple(array.shape), loss)
    return array


def _check_one_hot(name: str, shape: tuple[int, ...], loss: str | None) -> None:
    """Refuses classes that are numbers where the loss compares rows with an entry per class."""
    if loss == "categorical_crossentropy" and shape[-1] == 1:
        raise ValueError(
            f"You are passing a target array of shape {shape} for {name!r} with the loss `categorical_crossentropy`, "
            "which needs a column of 0 and 1 for each class. Turn class numbers into such rows with "
            f"`keras.utils.to_categorical(y)`, or use the loss `{SPARSE_LOSS}`, which takes class numbers."
        )
