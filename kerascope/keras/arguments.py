"""The rules for constructor arguments of the callbacks: one sentence for a wrong one, before training starts.

Each rule returns the value in the form the callback keeps, or raises with the rule, what was received and the way out.
Not for: what only training can show (shapes, missing metrics), which is reported while training goes on.
"""

from __future__ import annotations

import difflib
import math
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.terminal import termwarn

IMAGE_TYPES = ("image", "images", "segmentation_mask")
DATA_TYPES = (*IMAGE_TYPES, "label", "auto")
MAX_PREDICTIONS = 100
_WAYS_OUT = {
    "predictions": "36 is the default, 100 the most.",
    "validation_steps": "It is a number of batches; leave it out for all.",
    "log_batch_frequency": "1 logs every batch, None none.",
    "log_evaluation_frequency": "0 logs at the end of training, 1 after every epoch.",
    "verbose": "0 is silent, 1 tells what is done.",
    "initial_global_step": "It is the index of the first batch.",
    "monitor": "Pass a key of Keras' logs, such as 'val_loss'.",
    "log_best_prefix": "Pass None for no such summary keys.",
    "log_gradients": "'fit' records what training applies, True needs training_data.",
    "log_evaluation": "True makes tables, 'results' the one of the first versions.",
}
Processor = Callable[[Any, dict[str, Any]], Any]


@dataclass(frozen=True)
class EvaluationOptions:
    """What the callback's arguments say about evaluation."""

    results_only: bool
    labels: list[str]
    class_colors: np.ndarray[Any, Any] | None
    indexes: list[Any] | None
    validation_processor: Processor | None
    prediction_processor: Processor | None
    infer_missing: bool
    frequency: int


def flag(name: str, value: object) -> bool:
    """Returns a switch as bool; text such as "false" is refused, because it would count as true."""
    if isinstance(value, bool | np.bool_) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise WrongTypeError(f"`{name}` must be True or False. Received: {name}={value!r}. Pass a bool, not text.")


def flag_or(name: str, value: object, word: str) -> bool | str:
    """Returns a switch as bool, or `word`, its third position."""
    if isinstance(value, str) and value == word:
        return word
    if isinstance(value, str):
        raise WrongTypeError(f"`{name}` must be True, False or {word!r}. Received: {name}={value!r}. {_WAYS_OUT[name]}")
    return flag(name, value)


def text(name: str, value: object) -> str:
    """Returns a non-empty text."""
    if isinstance(value, str) and value:
        return value
    raise WrongTypeError(f"`{name}` must be a non-empty text. Received: {name}={value!r}.{_way_out(name)}")


def log_ranks(value: object) -> str | None:
    """Returns which processes of a distributed training log, None if the run's settings decide."""
    if value in (None, "first", "all"):
        return None if value is None else str(value)
    raise WrongValueError(
        f"`log_ranks` must be 'first' or 'all'. Received: log_ranks={value!r}. 'first' is the process of rank 0 alone."
    )


def count(name: str, value: object, least: int) -> int:
    """Returns a whole number that is at least `least`."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least:
        return int(value)
    raise WrongValueError(f"`{name}` must be an int >= {least}. Received: {name}={value!r}.{_way_out(name)}")


def count_or_none(name: str, value: object, least: int) -> int | None:
    """Returns None or a whole number that is at least `least`."""
    return None if value is None else count(name, value, least)


def verbosity(value: object) -> int:
    """Returns how much a callback says; True counts as 1."""
    return count("verbose", int(value) if isinstance(value, bool) else value, 0)


def threshold(name: str, value: Any) -> float | None:
    """Returns None or a number (also a scalar of numpy or a backend); text and NaN, which nothing could beat, are refused."""
    if value is None:
        return None
    try:
        number = math.nan if isinstance(value, str | bytes | bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if math.isnan(number):
        raise WrongValueError(
            f"`{name}` must be a number or None. Received: {name}={value!r}. Leave it out to begin without a best value."
        )
    return number


def file_template(name: str, value: str) -> str:
    """Returns a path whose braces hold names and formats that work, such as `{epoch:02d}` and `{val_loss:.2f}`."""
    try:
        for _, field, form, _ in string.Formatter().parse(value):
            if field is not None:
                if not field or field.isdigit():
                    raise ValueError("there is no name between the braces")
                format(1 if field in ("epoch", "batch") else 0.5, form or "")
    except ValueError as error:
        raise WrongValueError(
            f"Braces in `{name}` must hold `epoch`, `batch` or a metric, such as {{epoch:02d}} or {{val_loss:.2f}}. "
            f"Received: {name}={value!r}; {error}. Write {{{{ and }}}} for braces that are meant as such."
        ) from error
    return value


def mode(value: object) -> str:
    """Returns the direction of the monitored metric; an unknown text warns and counts as "auto"."""
    if not isinstance(value, str):
        raise WrongTypeError(
            f"`mode` must be 'auto', 'min' or 'max'. Received: mode={value!r}. Leave it out for 'auto'."
        )
    if value not in ("auto", "min", "max"):
        termwarn(f"`mode` must be 'auto', 'min' or 'max'. Received: mode={value!r}. 'auto' is used.")
        return "auto"
    return value


def data_type(name: str, value: object) -> str | None:
    """Returns the kind of a model input or output, or None."""
    if value is None or value in DATA_TYPES:
        return value  # type: ignore[return-value]
    kinds = ", ".join(repr(kind) for kind in DATA_TYPES)
    raise WrongValueError(
        f"`{name}` must be one of {kinds} or None. Received: {name}={value!r}."
        + (_hint(value, DATA_TYPES) or " With None, that side shows no pictures of its own.")
    )


def function(name: str, value: Any) -> Processor | None:
    """Returns a row processor or None."""
    if value is None or callable(value):
        return value  # type: ignore[no-any-return]
    raise WrongTypeError(
        f"`{name}` must be a function of (index, row) that returns a dict, or None. Received: {name}={value!r}. "
        "Pass the function itself, such as `lambda index, row: {'size': row['input'].size}`."
    )


def prediction_processor(newer: Any, older: Any) -> Processor | None:
    """Returns the row processor of predictions, given under one of its two names."""
    if newer is not None and older is not None:
        raise WrongValueError(
            "`output_row_processor` is another name of `prediction_row_processor`. Received: both. Leave one out."
        )
    return function("prediction_row_processor", newer) or function("output_row_processor", older)


def labels(value: Any) -> list[str]:
    """Returns class names as a list of text; any sequence of names or numbers will do."""
    if value is None:
        return []
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise WrongTypeError(
            f"`labels` must be a list with one name per class. Received: labels={value!r}. Pass labels=['cat', 'dog']."
        )
    return [str(name) for name in value]


def class_colors(value: Any) -> np.ndarray[Any, Any] | None:
    """Returns colours as float64 array (classes, 3) in [0, 1], or None."""
    if value is None:
        return None
    try:
        colors = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        colors = np.empty(0)
    if colors.ndim != 2 or colors.shape[1] != 3 or not ((colors >= 0) & (colors <= 1)).all():
        raise WrongValueError(
            "`class_colors` must be an array (classes, 3) of red, green, blue from 0 to 1. "
            f"Received: {_extent(colors)}. Divide by 255 if the colours are bytes."
        )
    return colors


def _extent(colors: np.ndarray[Any, Any]) -> str:
    values = f", values from {colors.min():g} to {colors.max():g}" if colors.size else ""
    return f"shape {colors.shape}{values}"


def data(name: str, value: Any) -> Any:
    """Returns `(x, y)`, `(x, y, sample_weight)` or anything else `fit` takes as data; a lone array is refused."""
    if value is None or is_stream(value):
        return value
    if isinstance(value, tuple | list):
        if len(value) in (2, 3):
            _check_row_counts(name, value)
            return tuple(value)
        raise WrongValueError(
            f"`{name}` must be (x, y) or (x, y, sample_weight). Received: {name} as a {type(value).__name__} of length {len(value)}. "
            f"Pass {name}=(x, y); several inputs go into one list or dict x."
        )
    raise WrongTypeError(
        f"`{name}` must be (x, y) with inputs and targets, or a dataset that yields such pairs. "
        f"Received: {name} of type {type(value).__name__}. Pass {name}=(x, y)."
    )


def training_data(log_gradients: bool | str, value: Any) -> Any:
    """Returns the data that gradients are taken of, in a form that `data` returns; it must be there if `log_gradients` is True."""
    if log_gradients is True and value is None:
        raise WrongValueError(
            "log_gradients=True needs `training_data`. Received: training_data=None. "
            "Pass training_data=(x, y), or log_gradients='fit' for the gradients that training applies."
        )
    return data("training_data", value)


def _check_row_counts(name: str, parts: Sequence[Any]) -> None:
    """Raises unless all arrays among `parts`, which may be nested, have one number of rows."""
    counts = [_row_counts(part) for part in parts]
    if len(set().union(*counts)) > 1:
        shown = " and ".join(
            f"{', '.join(map(str, sorted(c)))} of {of}"
            for c, of in zip(counts, ("x", "y", "sample_weight"), strict=False)
            if c
        )
        raise WrongValueError(
            f"The arrays of `{name}` must have one number of rows. Received: {shown}. Cut the longer one."
        )


def _row_counts(part: Any) -> set[int]:
    if isinstance(part, Mapping):
        part = list(part.values())
    shape = getattr(part, "shape", None)
    if shape is None and isinstance(part, list | tuple):
        return set().union(*map(_row_counts, part))
    return {int(shape[0])} if shape is not None and len(shape) and shape[0] is not None else set()


def is_stream(value: Any) -> bool:
    """Says whether `value` yields batches: generator, `PyDataset`, `tf.data.Dataset`, torch `DataLoader`."""
    if isinstance(value, tuple | list | dict | str | bytes | np.ndarray) or hasattr(value, "shape"):
        return False
    return hasattr(value, "__next__") or hasattr(value, "__iter__") or hasattr(value, "__getitem__")


def stream(name: str, value: Any) -> Any:
    """Returns an object that yields batches, or None."""
    if value is None or is_stream(value):
        return value
    raise WrongTypeError(
        f"`{name}` must yield batches (x, y): a generator, PyDataset, tf.data.Dataset or DataLoader. "
        f"Received: {name} of type {type(value).__name__}. Arrays belong into `validation_data`."
    )


def row_links(name: str, value: Any) -> list[int] | None:
    """Returns the row links of a table (`Table.get_index()`), or None."""
    if value is None:
        return None
    links = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else None
    if links is None or not all(isinstance(link, int) for link in links):
        raise WrongTypeError(
            f"`{name}` must be a list of row links. Received: {name}={value!r:.80}. Use the list that Table.get_index() returns."
        )
    return links


def warn_unknown(owner: str, unknown: Mapping[str, object], known: Sequence[str]) -> None:
    """Warns about each keyword that `owner` does not have; training goes on without it."""
    for name in unknown:
        termwarn(f"{owner} has no argument `{name}`; it is ignored.{_hint(name, known)}")


def _way_out(name: str) -> str:
    return f" {_WAYS_OUT[name]}" if name in _WAYS_OUT else ""


def _hint(value: object, known: Sequence[str]) -> str:
    synonyms = {"log_model": "save_model", "save_best": "save_best_only"}
    close = [synonyms[str(value)]] if str(value) in synonyms else difflib.get_close_matches(str(value), known, n=1)
    return f" Did you mean {close[0]!r}?" if close and close[0] in known else ""
