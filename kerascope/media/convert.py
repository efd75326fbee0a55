"""Which logged Python object becomes which history value: the conversions of `run.log`.

    numbers, text, None            as they are (64-bit integers; numpy scalars as Python numbers)
    arrays and tensors             1 element: a number · up to 32: a list · more: a Histogram with 32 bins
    media                          as they are; a list of one class: one batch; mixed lists stay lists
    pandas DataFrame               Table
    matplotlib and Pillow          Image · plotly figures: Plotly
    dicts, lists, tuples, sets     item by item
    anything else                  its text

Promises: never raises for a value that has some text form; imports no framework that the value does not come from. NaN and
infinities are kept. Called on the thread that logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerascope.errors import WrongTypeError
from kerascope.jsonable import to_jsonable
from kerascope.media.arrays import is_array, package_of, to_numpy
from kerascope.media.base import Media

MAX_LIST = 32
MAX_DEPTH = 64


def convert(value: Any, depth: int = 0) -> Any:
    """Returns `value` as null, bool, int, float, text, list, dict with text keys, or a `Media` value.

    Args:
        value: what the user logged under one key.
        depth: how deep it lies in containers; at 64 levels the rest becomes text.
    """
    if value is None or (isinstance(value, bool | float | str) and type(value) in (bool, float, str)):
        return value
    if isinstance(value, Media):
        return value
    if depth >= MAX_DEPTH:
        return "..."
    if isinstance(value, Mapping):
        return {str(key): convert(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return _convert_list(list(value), depth)
    if is_array(value):
        return _convert_array(value)
    return _convert_object(value)


def _convert_list(items: list[Any], depth: int) -> Any:
    if items and all(isinstance(item, Media) for item in items) and len({type(item) for item in items}) == 1:
        from kerascope.media.batch import MediaList

        return MediaList(items)
    converted = [convert(item, depth + 1) for item in items]
    if any(isinstance(item, Media) for item in converted):
        from kerascope.media.batch import MixedList

        return MixedList(converted)
    return converted


def _convert_array(value: Any) -> Any:
    array = to_numpy(value)
    if array.dtype.kind not in "biuf":
        return to_jsonable(array.item() if array.size == 1 else array.tolist())
    if array.size == 1:
        return to_jsonable(array.item())
    if array.size <= MAX_LIST:
        return to_jsonable(array.tolist())
    from kerascope.media.histogram import Histogram

    return Histogram(array, num_bins=32)


def _convert_object(value: Any) -> Any:
    package, name = package_of(value), type(value).__name__
    if package == "PIL" or package == "matplotlib" or getattr(value, "__name__", "") == "matplotlib.pyplot":
        return _figure(value)
    if package == "pandas" and name == "DataFrame":
        return _frame(value)
    if package == "pandas" and hasattr(value, "to_numpy"):
        return _convert_array(value.to_numpy())
    if package == "plotly" and hasattr(value, "to_json"):
        from kerascope.media.plotly import Plotly

        return Plotly(value)
    return to_jsonable(value)


def _frame(value: Any) -> Any:
    from kerascope.media.table import Table

    try:
        return Table(dataframe=value)
    except WrongTypeError:  # a column of several types
        return Table(dataframe=value, allow_mixed_types=True)


def _figure(value: Any) -> Any:
    if hasattr(value, "savefig") or hasattr(value, "gcf") or hasattr(value, "figure") or package_of(value) == "PIL":
        from kerascope.media.image import Image

        return Image(value)
    return to_jsonable(value)
