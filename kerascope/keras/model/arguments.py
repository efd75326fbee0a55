"""Checks of the numbers that `fit`, `evaluate` and `predict` take. Pure; every error names what it received."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any, TypeVar, cast

from kerascope.keras.model.messages import short, user_level

Method = TypeVar("Method", bound=Callable[..., Any])

# Names of arguments before Keras 2, which Keras 2 still took; the first three counted samples.
OLD_NAMES = {
    "samples_per_epoch": "steps_per_epoch",
    "nb_val_samples": "validation_steps",
    "val_samples": "steps",
    "nb_epoch": "epochs",
    "nb_worker": "workers",
    "max_q_size": "max_queue_size",
    "pickle_safe": "use_multiprocessing",
}
COUNTED_SAMPLES = ("samples_per_epoch", "nb_val_samples", "val_samples")


def check_batch_size(value: Any) -> int | None:
    """Returns the batch size, or None if none was given.

    Raises:
        ValueError: If it is not a whole number of at least 1.
    """
    if value is None:
        return None
    if isinstance(value, bool) or int(value) != value or value < 1:
        raise ValueError(f"`batch_size` must be a whole number of at least 1. Received: batch_size={short(value)}.")
    return int(value)


def check_steps(argument: str, value: Any) -> int | None:
    """Returns a number of batches, rounded up as old scripts expect (`len(x) / 32` is a float), or None.

    Raises:
        ValueError: If it is not a number above 0.
    """
    if value is None:
        return None
    try:
        steps = math.ceil(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"`{argument}` must be a number of batches. Received: {argument}={short(value)}.") from error
    if isinstance(value, bool) or steps < 1:
        raise ValueError(f"`{argument}` must be at least 1. Received: {argument}={short(value)}.")
    return int(steps)


def check_epochs(argument: str, value: Any) -> int:
    """Returns an epoch number.

    Raises:
        ValueError: If it is not a whole number of at least 0.
    """
    try:
        epochs = int(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`{argument}` must be a whole number. Received: {argument}={short(value)}.") from error
    if isinstance(value, bool) or epochs != value or epochs < 0:
        raise ValueError(f"`{argument}` must be a whole number of at least 0. Received: {argument}={short(value)}.")
    return epochs


def check_verbose(value: Any) -> int:
    """Returns 0, 1 or 2; "auto" is 1.

    Raises:
        ValueError: If it is anything else.
    """
    if value == "auto":
        return 1
    if value in (0, 1, 2):
        return int(value)
    raise ValueError(f"`verbose` must be 0, 1 or 2. Received: verbose={short(value)}.")


def check_split(value: Any) -> float:
    """Returns the part of the data to validate on.

    Raises:
        ValueError: If it is not at least 0 and below 1.
    """
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value < 1.0:
        raise ValueError(f"`validation_split` must be in [0, 1). Received: validation_split={short(value)}.")
    return float(value)


def split_at(samples: int, split: float) -> int:
    """Number of samples that stay for training; the rest, cut from the end, is for validation.

    Raises:
        ValueError: If one of the two parts would be empty.
    """
    at = int(samples * (1.0 - split))
    if not 0 < at < samples:
        raise ValueError(
            f"`validation_split` leaves no sample for one of the two parts. "
            f"Received: validation_split={split} with {samples} samples."
        )
    return at


def check_shuffle(value: Any) -> bool | str:
    """Returns True, False or "batch".

    Raises:
        ValueError: If it is anything else.
    """
    if value == "batch":
        return "batch"
    if value in (True, False, None):
        return bool(value)
    raise ValueError(f"`shuffle` must be True, False or 'batch'. Received: shuffle={short(value)}.")


def check_freq(value: Any) -> Any:
    """Returns a validation frequency: a whole number of epochs, or a collection of epoch numbers from 1.

    Raises:
        ValueError: If it is neither.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return frozenset(value)
    raise ValueError(
        "`validation_freq` must be a whole number of at least 1 or a list of epochs. "
        f"Received: validation_freq={short(value)}."
    )


def is_due(freq: Any, epoch: int) -> bool:
    """Whether an epoch (from 0) ends with a validation."""
    if isinstance(freq, frozenset):
        return epoch + 1 in freq
    return (epoch + 1) % int(freq) == 0


def takes_old_names(method: Method) -> Method:
    """Makes a method take the names of Keras 1 for its arguments, with a warning; its signature stays as it is."""

    @functools.wraps(method)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        for old in [name for name in kwargs if name in OLD_NAMES]:
            size = getattr(args[0] if args else kwargs.get("generator"), "batch_size", None)
            new, value = OLD_NAMES[old], kwargs.pop(old)
            kwargs[new] = value
            if old == "samples_per_epoch" and size:
                kwargs[new] = max(1, value // size)
            warnings.warn(
                f"`{old}` of `{method.__name__}` is called `{new}` now{' and counts batches' if old in COUNTED_SAMPLES else ''}. "
                f"Received: {old}={short(value)}, taken as {new}={short(kwargs[new])}.",
                UserWarning,
                stacklevel=user_level(),
            )
        return method(self, *args, **kwargs)

    return cast(Method, wrapped)


def refuse_extra(extra: dict[str, Any], method: str) -> None:
    """Refuses keywords nobody knows.

    Raises:
        TypeError: If there are any.
    """
    if extra:
        raise TypeError(f"Unrecognized keyword arguments: {short(extra)}. `{method}` does not take them.")
