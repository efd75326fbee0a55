"""One change made to many runs: tags, attributes, moving, deleting and restoring.

Promises: the whole request is checked before the first run is changed; runs that are not there are named, not an error. Not for: a
single run (`edits.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, TextClause, bindparam, text

from kerascope.errors import UsageError
from kerascope.paths import check_project
from kerascope.query.edits import Editor, check_change
from kerascope.query.filters import storable
from kerascope.query.records import BulkResult

MAX_RUNS = 10_000
ACTIONS = ("edit", "move", "delete", "restore")
_AT_ONCE = 500
_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_RUNS = text("SELECT id, home, tags FROM run WHERE project = :project AND id IN :ids").bindparams(_IDS)
_TAKEN = text("SELECT id, home FROM run WHERE (project = :project OR home = :project) AND id IN :ids").bindparams(_IDS)


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
    found, missing = _found(db, project, run_ids)
    for run_id, run in found.items():
        own_changes = checked | ({"tags": list(dict.fromkeys([*run.tags, *added]))} if added else {})
        if own_changes or removed:
            editor.edit(run.home, run_id, own_changes, tuple(removed))
    return BulkResult(tuple(found), missing)


def move_many(db: Connection, editor: Editor, project: str, run_ids: Sequence[str], target: str) -> BulkResult:
    """Shows many runs in another project. Logs, files and artifacts stay where they are.

    Args:
        db: An index connection.
        editor: Writes the edits.
        project: The project that shows the runs now.
        run_ids: At most 10,000.
        target: The other project; it need not be there yet.

    Raises:
        UsageError: if a run of the same id is in `target` or has its home there; no run is moved then.
        StoreError: if it cannot be written.
    """
    check_project(target)
    found, missing = _found(db, project, run_ids)
    if target != project:
        taken = [run_id for run_id, home in _taken(db, target, found) if home != found[run_id].home]
        if taken:
            raise UsageError(
                f"Runs of one project must differ in their ids. Received: {', '.join(taken[:5])}, which {target} has already. "
                "Move the others, or those of that project first."
            )
        for run_id, run in found.items():
            editor.move(run.home, run_id, target)
    return BulkResult(tuple(found), missing)


def delete_many(db: Connection, editor: Editor, project: str, run_ids: Sequence[str]) -> BulkResult:
    """Hides many runs. Raises as `edit_many` does."""
    found, missing = _found(db, project, run_ids)
    for run_id, run in found.items():
        editor.delete(run.home, run_id)
    return BulkResult(tuple(found), missing)


def restore_many(db: Connection, editor: Editor, project: str, run_ids: Sequence[str]) -> BulkResult:
    """Shows many hidden runs again. Raises as `edit_many` does."""
    found, missing = _found(db, project, run_ids)
    for run_id, run in found.items():
        editor.restore(run.home, run_id)
    return BulkResult(tuple(found), missing)


class _Run(NamedTuple):
    home: str
    tags: list[str]


def _found(db: Connection, project: str, run_ids: Iterable[str]) -> tuple[dict[str, _Run], tuple[str, ...]]:
    """Each run that is there, in the order asked for, and the ids of those that are not."""
    wanted = list(dict.fromkeys(run_ids))
    if not 1 <= len(wanted) <= MAX_RUNS:
        raise UsageError(f"`runs` must name 1 to {MAX_RUNS} runs. Received: {len(wanted)}.")
    found = {run_id: _Run(home, json.loads(tags)) for run_id, home, tags in _select(db, _RUNS, project, wanted)}
    known = {run_id: found[run_id] for run_id in wanted if run_id in found}
    return known, tuple(run_id for run_id in wanted if run_id not in found)


def _taken(db: Connection, project: str, run_ids: Iterable[str]) -> list[tuple[str, str]]:
    """Those of the ids that a project shows or is the home of, with the homes of their runs."""
    return [(run_id, home) for run_id, home in _select(db, _TAKEN, project, list(run_ids))]


def _select(db: Connection, query: TextClause, project: str, run_ids: Sequence[str]) -> Iterator[Any]:
    for start in range(0, len(run_ids), _AT_ONCE):
        ids = [storable(run_id) for run_id in run_ids[start : start + _AT_ONCE]]
        yield from db.execute(query, {"project": storable(project), "ids": ids})
