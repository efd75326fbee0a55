"""A run's rows in the index: the merge of its segments and of the edits made after the fact.

Promises: a function of the segments' states and the edits alone. Not for: whether an unfinished run is alive, which is decided when
asked (`query/state.py`).
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from kerascope.events.merge import Attempt, RunState, merge_states
from kerascope.events.state import SegmentState
from kerascope.index import schema
from kerascope.index.batch import Batch
from kerascope.index.edits import Edited
from kerascope.index.folders import RunKey
from kerascope.index.leaves import Leaf, leaves, shape
from kerascope.index.segments import opening_of

_encode = msgspec.msgpack.Encoder().encode
_LEAVES = text("SELECT name, position, kind, number, text FROM value WHERE run = :run")
_DROP_LEAF = text("DELETE FROM value WHERE run = :run AND name = :name AND position = :position")


def merged(key: RunKey, states: list[tuple[str, SegmentState]]) -> RunState:
    """Returns the run that segments, given with their file names, make up; at least one is given."""
    if all(state.segment is None for _, state in states):
        states = [(states[0][0], SegmentState(segment=opening_of(states[0][0]))), *states]
    return merge_states(state for _, state in states)


def write(
    connection: Connection,
    batch: Batch,
    num: int,
    key: RunKey,
    project: str,
    run: RunState,
    edited: Edited,
    new: bool,
) -> None:
    """Adds the rows of a run, shown in `project`, to `batch`; values that are no longer there are removed at once."""
    found = {leaf[:2]: leaf for leaf in (*leaves("config", run.config), *leaves("summary", run.summary))}
    row = {"num": num, "project": project, "home": key.project, "id": key.run_id, "shape": shape(found.values())}
    batch.add(schema.RUN, row | _row(key, run, edited))
    metrics = {name: msgspec.structs.asdict(rule) for name, rule in run.metrics.items()}
    data = {"config": run.config, "summary": run.summary, "environment": run.environment, "metrics": metrics}
    batch.add(schema.RUN_DATA, {"run": num, **{name: _encode(value) for name, value in data.items()}})
    known = {} if new else {row[:2]: row for row in map(tuple, connection.execute(_LEAVES, {"run": num}))}
    for name, position in known.keys() - found.keys():
        connection.execute(_DROP_LEAF, {"run": num, "name": name, "position": position})
    for where, leaf in found.items():
        if known.get(where) != tuple(leaf):
            batch.add(schema.VALUE, {"run": num, **Leaf._asdict(leaf)})


def _row(key: RunKey, run: RunState, edited: Edited) -> dict[str, Any]:
    newest = max(run.attempts, key=lambda attempt: attempt.attempt)
    ended = run.finish
    return {
        "name": edited.get("name", run.name) or key.run_id,
        "entity": run.entity,
        "host": newest.host,
        "group_name": edited.get("group", run.group),
        "job_type": edited.get("job_type", run.job_type),
        "notes": edited.get("notes", run.notes),
        "tags": json.dumps(edited.tags(run.tags), ensure_ascii=False),
        "ended": ended.state if ended else None,
        "exit_code": ended.exit_code if ended else None,
        "archived": int(bool(edited.get("archived", False))),
        "deleted": int(edited.deleted),
        "attempt_count": len({attempt.attempt for attempt in run.attempts}),
        "row_count": run.row_count,
        "last_step": run.last_step,
        "created_s": run.created_s,
        "updated_s": run.updated_s,
        "finished_s": ended.time_s if ended else None,
        "duration_s": _duration_s(run.attempts),
    }


def _duration_s(attempts: tuple[Attempt, ...]) -> float:
    """The time that the run ran: from start to last record of each attempt, without the time between attempts."""
    spans: dict[int, tuple[float, float]] = {}
    for one in attempts:
        start, end = spans.get(one.attempt, (one.started_s, one.updated_s))
        spans[one.attempt] = (min(start, one.started_s), max(end, one.updated_s))
    return sum(end - start for start, end in spans.values())
