"""One change made to many runs: tags, attributes, deleting and restoring.

Promises: the whole request is checked before the first run is changed; runs that are not there are named, not an error. Not for: a
single run (`edits.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, text

from kerascope.errors import UsageError
from kerascope.query.edits import Editor, check_change
from kerascope.query.filters import storable
from kerascope.query.records import BulkResult

MAX_RUNS = 10_000
ACTIONS = ("edit", "delete", "restore")
_AT_ONCE = 500
_TAGS = text("SELECT id, tags FROM run WHERE project = :project AND id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)


def edit_many(
    db: Connection,
    editor: Editor,
    project: str,
    run_ids: Sequence[str],
    changes: Mapping[str, Any],
    add_tags: Sequence[str] = (),
    remove_tags: Sequence[str] = (),
) -> BulkResult:
    """Sets attributes of many runs, and adds and removes tags.

    Args:
        db: An index connection; tags are added to those that it knows.
        editor: Writes the edits.
        project: Name of the project.
        run_ids: At most 10,000.
        changes: As for `Editor.edit`; the same for all runs.
        add_tags: Tags that each run gets beside its own.
        remove_tags: Tags that no run keeps.

    Raises:
        UsageError: if a change does not fit, or there are too many runs.
        StoreError: if it cannot be written.
    """
    checked = {name: check_change(name, value) for name, value in changes.items()}
    added, removed = check_change("tags", list(add_tags)), check_change("tags", list(remove_tags))
    if added and "tags" in checked:
        raise UsageError("`add_tags` must not be given together with `tags`. Received: both. Put all tags into `tags`.")
    tags, missing = _tags(db, project, run_ids)
    for run_id, own in tags.items():
        own_changes = checked | ({"tags": list(dict.fromkeys([*own, *added]))} if added else {})
        if own_changes or removed:
            editor.edit(project, run_id, own_changes, tuple(removed))
    return BulkResult(tuple(tags), missing)


def delete_many(db: Connection, editor: Editor, project: str, run_ids: Sequence[str]) -> BulkResult:
    """Hides many runs. Raises as `edit_many` does."""
    tags, missing = _tags(db, project, run_ids)
    for run_id in tags:
        editor.delete(project, run_id)
    return BulkResult(tuple(tags), missing)


def restore_many(db: Connection, editor: Editor, project: str, run_ids: Sequence[str]) -> BulkResult:
    """Shows many hidden runs again. Raises as `edit_many` does."""
    tags, missing = _tags(db, project, run_ids)
    for run_id in tags:
        editor.restore(project, run_id)
    return BulkResult(tuple(tags), missing)


def _tags(db: Connection, project: str, run_ids: Iterable[str]) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """The tags of each run that is there, in the order asked for, and the ids of those that are not."""
    wanted = list(dict.fromkeys(run_ids))
    if not 1 <= len(wanted) <= MAX_RUNS:
        raise UsageError(f"`runs` must name 1 to {MAX_RUNS} runs. Received: {len(wanted)}.")
    found: dict[str, list[str]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        ids = [storable(run_id) for run_id in wanted[start : start + _AT_ONCE]]
        rows = db.execute(_TAGS, {"project": storable(project), "ids": ids})
        found |= {run_id: json.loads(tags) for run_id, tags in rows}
    known = {run_id: found[run_id] for run_id in wanted if run_id in found}
    return known, tuple(run_id for run_id in wanted if run_id not in found)
