"""Groups of table rows and what is counted or averaged over each. Pure: whole columns at a time.

Promises: groups come in the order of their key, the group of missing keys last; null and NaN are left out of every aggregate but
`count`. Not for: filters and pages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from kerascope.errors import UsageError
from kerascope.query.table_records import TableAggregate
from kerascope.query.tables.columns import Column, Floats, Integers, NumberColumn
from kerascope.query.tables.frame import Frame


def grouped(frame: Frame, by: Sequence[str], aggregates: Sequence[TableAggregate]) -> Frame:
    """Returns one row per group: its key, then `count` or `mean(score)` for each aggregate.

    Args:
        frame: The rows.
        by: Columns that make the key, at least one.
        aggregates: What to compute; without any, `count`.

    Raises:
        UsageError: if a column is not there, or there is no key.
    """
    if not by:
        raise UsageError("`group` must be by at least one column. Received: by=[].")
    code = np.zeros(len(frame), np.int64)
    for name in by:
        ranks = frame.column(name).ranks
        last = int(ranks.max(initial=-1)) + 1
        code = code * (last + 1) + np.where(ranks < 0, last, ranks)
        code = np.unique(code, return_inverse=True)[1]  # small again, whatever the number of columns
    _, firsts, group = np.unique(code, return_index=True, return_inverse=True)
    keys = frame.take(firsts.astype(np.int64))
    count = len(firsts)
    columns: list[Column] = [keys.columns[name] for name in by]
    for one in aggregates or (TableAggregate(op="count"),):
        columns.append(_aggregate(frame, one, group, count))
    return Frame(columns, np.full(count, -1))


def _aggregate(frame: Frame, wanted: TableAggregate, group: Integers, count: int) -> Column:
    if wanted.op == "count":
        return NumberColumn("count", np.bincount(group, minlength=count).astype(np.float64), whole=True)
    if wanted.column is None:
        raise UsageError(f"`column` must be given for {wanted.op}. Received: column=null.")
    column = frame.column(wanted.column)
    name = f"{wanted.op}({wanted.column})"
    if wanted.op == "distinct":
        known = column.ranks >= 0
        pairs = np.unique(np.stack([group[known], column.ranks[known]]), axis=1)
        return NumberColumn(name, np.bincount(pairs[0], minlength=count).astype(np.float64), whole=True)
    amounts = column.amounts
    known = ~np.isnan(amounts)
    return NumberColumn(name, _REDUCTIONS[wanted.op](amounts[known], group[known], count))


def _sum(values: Floats, group: Integers, count: int) -> Floats:
    sizes = np.bincount(group, minlength=count)
    return np.where(sizes > 0, np.bincount(group, values, count), np.nan)


def _mean(values: Floats, group: Integers, count: int) -> Floats:
    sizes = np.bincount(group, minlength=count)
    return _sum(values, group, count) / np.maximum(sizes, 1)


def _std(values: Floats, group: Integers, count: int) -> Floats:
    """The standard deviation of the values themselves (divided by n, not n - 1), in two passes."""
    return np.sqrt(_mean((values - _mean(values, group, count)[group]) ** 2, group, count))


def _extreme(values: Floats, group: Integers, count: int, largest: bool) -> Floats:
    found = np.full(count, -np.inf if largest else np.inf)
    (np.maximum if largest else np.minimum).at(found, group, values)
    return np.where(np.bincount(group, minlength=count) > 0, found, np.nan)


def _median(values: Floats, group: Integers, count: int) -> Floats:
    if not len(values):
        return np.full(count, np.nan)
    ordered = values[np.lexsort((values, group))]
    sizes = np.bincount(group, minlength=count)
    starts = np.cumsum(sizes) - sizes
    last = len(ordered) - 1
    low = ordered[np.minimum(starts + (np.maximum(sizes, 1) - 1) // 2, last)]
    high = ordered[np.minimum(starts + sizes // 2, last)]
    return np.where(sizes > 0, (low + high) / 2, np.nan)


_REDUCTIONS: dict[str, Callable[[Floats, Integers, int], Floats]] = {
    "sum": _sum,
    "mean": _mean,
    "std": _std,
    "min": lambda values, group, count: _extreme(values, group, count, largest=False),
    "max": lambda values, group, count: _extreme(values, group, count, largest=True),
    "median": _median,
}
