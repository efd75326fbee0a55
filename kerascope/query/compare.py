"""Runs side by side: what of their config, summary, environment and packages differs.

Promises: one answer for up to twenty runs; what differs comes first. Not for: their history (`sample.py`), artifacts or code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from kerascope.errors import UsageError
from kerascope.query.records import Comparison, Difference
from kerascope.query.runs import detail

MAX_RUNS = 20
_MISSING: Any = object()


def compare(db: Connection, project: str, run_ids: Sequence[str]) -> Comparison:
    """Returns runs side by side, in the order asked for.

    Args:
        db: An index connection.
        project: Name of the project.
        run_ids: 2 to 20 different ids.

    Raises:
        UsageError: if there are fewer or more, or one comes twice.
        NotFoundError: if there is no such run.
    """
    if not 2 <= len(run_ids) <= MAX_RUNS or len(set(run_ids)) < len(run_ids):
        raise UsageError(f"`runs` must name 2 to {MAX_RUNS} different runs. Received: runs={','.join(run_ids)!r}.")
    runs = tuple(detail(db, project, run_id) for run_id in run_ids)
    return Comparison(
        runs=runs,
        config=differences([run.config for run in runs]),
        summary=differences([run.summary for run in runs]),
        environment=differences([_plain(run.environment) for run in runs]),
        packages=differences([run.environment.get("packages") or {} for run in runs]),
    )


def differences(maps: Sequence[Mapping[str, Any]]) -> tuple[Difference, ...]:
    """Returns the values of nested maps, path by path: first those that differ, then by path. Media are left out."""
    flat = [dict(_leaves("", one)) for one in maps]
    rows = [_difference(name, [one.get(name, _MISSING) for one in flat]) for name in set().union(*flat)]
    return tuple(sorted(rows, key=lambda row: (not row.differs, row.name)))


def _difference(name: str, values: list[Any]) -> Difference:
    return Difference(
        name=name,
        values=tuple(None if value is _MISSING else value for value in values),
        present=tuple(value is not _MISSING for value in values),
        differs=any(not _same(value, values[0]) for value in values[1:]),
    )


def _same(one: Any, other: Any) -> bool:
    """Equal in value and kind (true is not 1); NaN is like NaN."""
    if one is _MISSING or other is _MISSING:
        return one is other
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return bool(one == other) or (one != one and other != other)


def _leaves(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if not isinstance(value, dict):
            yield prefix + key, value
        elif not value:
            yield prefix + key, {}
        elif "_type" not in value:
            yield from _leaves(f"{prefix}{key}.", value)


def _plain(environment: Mapping[str, Any]) -> dict[str, Any]:
    """The environment without the packages and without what refers to a blob."""
    kept = {}
    for key, value in environment.items():
        if isinstance(value, dict) and key != "packages" and "sha256" not in value:
            kept[key] = _plain(value)
        elif not isinstance(value, dict):
            kept[key] = value
    return kept
