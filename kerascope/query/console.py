"""Captured output of a run, by line.

Promises: lines are numbered from 0 over the whole run, segment by segment in name order, then in the order of writing. Not for:
following a run that has no index yet (`runlog/follow.py`).
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from kerascope.errors import UsageError
from kerascope.query.filters import containing, storable
from kerascope.query.records import ConsoleLine, ConsolePage
from kerascope.query.runs import find

MAX_LINES = 100_000

# Sums over the segments before give each line its number in the run.
_NUMBERED = (
    "WITH base AS (SELECT num, sum(line_count) OVER (ORDER BY name) - line_count AS before FROM segment WHERE run = :run), "
    "numbered AS (SELECT base.before + console.line AS n, console.stream, console.time_s, console.text "
    "FROM base JOIN console ON console.segment = base.num) "
)


def lines(
    db: Connection,
    project: str,
    run_id: str,
    after: int | None = None,
    before: int | None = None,
    limit: int = 1000,
    search: str | None = None,
) -> ConsolePage:
    """Returns lines of output, in order; `total` counts all lines of the run, or all that match `search`.

    Args:
        db: An index connection.
        project: Name of the project.
        run_id: The run.
        after: Only lines behind this number; the first `limit` of them are given.
        before: Only lines in front of this number. Without `after`, the last `limit` are given.
        limit: At most so many lines, 1 to 100,000.
        search: Only lines with this text, in any case.

    Raises:
        NotFoundError: if there is no such run.
        UsageError: if `limit` is out of range.
    """
    if not 1 <= limit <= MAX_LINES:
        raise UsageError(f"`limit` must be 1 to {MAX_LINES}. Received: limit={limit}. Read on with `after`.")
    values = {"run": find(db, project, run_id), "limit": limit, "search": storable(search or "").lower()}
    values |= {"after": _line(after, -1), "before": _line(before, 2**62)}
    matching = containing("text", search, ":search") if search else "1=1"
    from_end = before is not None and after is None
    found = db.execute(
        text(
            f"{_NUMBERED} SELECT n, stream, time_s, text FROM numbered WHERE n > :after AND n < :before AND {matching} "
            f"ORDER BY n {'DESC' if from_end else 'ASC'} LIMIT :limit"
        ),
        values,
    ).all()
    total = db.execute(text(f"{_NUMBERED} SELECT count(*) FROM numbered WHERE {matching}"), values).scalar_one()
    return ConsolePage(total, tuple(ConsoleLine(*row) for row in (reversed(found) if from_end else found)))


def _line(number: int | None, default: int) -> int:
    return default if number is None else max(-1, min(2**62, number))
