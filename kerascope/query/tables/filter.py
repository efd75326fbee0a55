"""Filters of table rows: Mongo-style maps over columns, run on whole columns at once.

    {"score": {"$gt": 0.5}, "$or": [{"label": "cat"}, {"label": {"$ne": {"$column": "label_2"}}}]}

Promises: a filter that is not understood raises, naming what is wrong. Comparisons hold only between values of one kind; `$ne`, `$nin`
and `$not` are true exactly where the positive form is not. Pure. Not for: filters of runs (`kerascope/query/filters.py`).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from kerascope.errors import UsageError
from kerascope.query.tables.columns import Column, Mask
from kerascope.query.tables.frame import Frame

OPERATORS = ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$regex", "$not")
Compare = Callable[[Any, Any], Any]
_COMPARISONS: dict[str, Compare] = {
    "$eq": operator.eq,
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}
_DEEPEST = 32


def matching(frame: Frame, document: Any, depth: int = 0) -> Mask:
    """Returns which rows a filter holds for; None and an empty map hold for all.

    Raises:
        UsageError: if it is no filter, or names a column that is not there.
    """
    if document is None:
        return np.ones(len(frame), bool)
    if not isinstance(document, dict) or depth > _DEEPEST:
        raise UsageError(
            f"A filter must be a map from columns to conditions, at most {_DEEPEST} deep. Received: filter={document!r}."
        )
    found = np.ones(len(frame), bool)
    for key, value in document.items():
        found &= _entry(frame, key, value, depth)
    return found


def containing(frame: Frame, words: str) -> Mask:
    """Returns which rows have a text cell that contains `words`, in any case."""
    wanted = words.lower()
    found = np.zeros(len(frame), bool)
    for column in frame.columns.values():
        if column.kind in ("string", "any", "foreignKey", "primaryKey", "timestamp"):
            found |= _each(column, lambda text: wanted in text.lower())
    return found


def _entry(frame: Frame, key: str, value: Any, depth: int) -> Mask:
    if key in ("$and", "$or", "$nor"):
        if not isinstance(value, list) or not value:
            raise UsageError(f"`{key}` needs a list of filters with at least one. Received: {key}={value!r}.")
        parts = [matching(frame, part, depth + 1) for part in value]
        joined: Mask = np.logical_and.reduce(parts) if key == "$and" else np.logical_or.reduce(parts)
        return ~joined if key == "$nor" else joined
    if key == "$not":
        return ~matching(frame, value, depth + 1)
    column = frame.column(key)
    if not isinstance(value, dict) or "$column" in value:
        return _test(frame, column, "$eq", value, {})
    found = np.ones(len(frame), bool)
    for name, operand in value.items():
        if name != "$options":
            found &= _test(frame, column, name, operand, value)
    return found


def _test(frame: Frame, column: Column, name: str, operand: Any, whole: dict[str, Any]) -> Mask:
    if name == "$ne":
        return ~_test(frame, column, "$eq", operand, whole)
    if name in ("$in", "$nin"):
        if not isinstance(operand, list):
            raise UsageError(f"`{name}` needs a list. Received: {column.name} {name}={operand!r}.")
        parts = [_test(frame, column, "$eq", one, whole) for one in operand]
        found: Mask = np.logical_or.reduce(parts) if parts else np.zeros(len(frame), bool)
        return found if name == "$in" else ~found
    if name == "$exists":
        return ~column.missing if operand else column.missing.copy()
    if name == "$not":
        return ~_entry(frame, column.name, operand, 0)
    if name == "$regex":
        return _each(column, _pattern(column.name, operand, whole.get("$options", "")))
    if name not in _COMPARISONS:
        raise UsageError(f"A condition must be one of {', '.join(OPERATORS)}. Received: {column.name} {name!r}.")
    if isinstance(operand, dict):
        return _compare_columns(column, frame.column(str(operand.get("$column"))), name)
    return _compare(column, _COMPARISONS[name], name, operand)


def _compare(column: Column, compare: Compare, name: str, operand: Any) -> Mask:
    if operand is None and name == "$eq":
        return column.missing.copy()
    if isinstance(operand, bool):
        return np.asarray(compare(column.truths, int(operand)) & (column.truths >= 0))
    if isinstance(operand, int | float):
        return np.asarray(compare(column.numbers, float(operand)) & column.is_number)
    if isinstance(operand, str):
        return _each(column, lambda text: compare(text, operand))
    raise UsageError(
        f"`{name}` compares with a number, text, true, false or null. Received: {column.name} {operand!r}."
    )


def _compare_columns(left: Column, right: Column, name: str) -> Mask:
    compare = _COMPARISONS[name]
    found: Mask = compare(left.numbers, right.numbers) & left.is_number & right.is_number
    found |= compare(left.truths, right.truths) & (left.truths >= 0) & (right.truths >= 0)
    pairs = zip(left.texts, right.texts, strict=True)
    found |= np.fromiter((a is not None and b is not None and compare(a, b) for a, b in pairs), bool, len(left))
    return found | (left.missing & right.missing) if name == "$eq" else found


def _each(column: Column, test: Callable[[str], Any]) -> Mask:
    """Which cells are texts that pass; each different text is tested once."""
    words, places = column.vocabulary
    passed = np.array([*(bool(test(word)) for word in words), False])  # the last stands for -1, no text
    return passed[places]


def _pattern(name: str, operand: Any, options: Any) -> Callable[[str], Any]:
    try:
        return re.compile(operand, re.IGNORECASE if "i" in str(options) else 0).search
    except (re.error, TypeError) as error:
        raise UsageError(
            f"`$regex` must be a regular expression. Received: {name} $regex={operand!r} ({error})."
        ) from None
