"""Routes of projects and runs: lists, one run, and changes made after the fact."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from kerascope.artifacts.store import ArtifactStore
from kerascope.paths import check_run_id
from kerascope.query import bulk as edits_of_many
from kerascope.query import compare, groups, runs
from kerascope.query.grouping import Place
from kerascope.query.origins import artifacts_of
from kerascope.server.call import Call, Query, route
from kerascope.server.encode import json_response
from kerascope.server.errors import ApiError
from kerascope.server.records import BulkEdit, ColumnList, Health, ProjectList, RunPatch
from kerascope.version import __version__

_CHOICE = ("filter", "search", "order", "offset", "limit", "archived", "group_by", "in_group")
_PAGE = (*_CHOICE, "columns", "deleted", "out_of_groups")
_GROUPS = (*_CHOICE, "numbers")


def health(call: Call) -> Response:
    """GET `/api/health`."""
    with call.store.read() as db:
        run_count = sum(project.run_count for project in runs.projects(db))
    return json_response(Health(__version__, str(call.store.paths.root), run_count, call.store.lag_bytes()))


def project_list(call: Call) -> Response:
    """GET `/api/projects`."""
    with call.store.read() as db:
        return json_response(ProjectList(tuple(runs.projects(db))))


def run_page(call: Call) -> Response:
    """GET `/api/projects/{p}/runs`."""
    query = call.query
    with call.store.read() as db:
        found = runs.page(
            db,
            call.project,
            filter=_json(query, "filter", Any, '{"state": "running"}'),
            search=query.text("search"),
            order=query.text("order") or "-created_s",
            offset=query.integer("offset", 0, 0),
            limit=query.integer("limit", 100, 1, runs.MAX_LIMIT),
            columns=query.names("columns"),
            deleted=query.flag("deleted"),
            archived=query.flag("archived"),
            place=_place(query),
        )
    return json_response(found)


def group_page(call: Call) -> Response:
    """GET `/api/projects/{p}/groups`."""
    query = call.query
    with call.store.read() as db:
        found = groups.page(
            db,
            call.project,
            _place(query),
            numbers=query.names("numbers") or (),
            filter=_json(query, "filter", Any, '{"state": "running"}'),
            search=query.text("search"),
            order=query.text("order") or "-created_s",
            offset=query.integer("offset", 0, 0),
            limit=query.integer("limit", 100, 1, groups.MAX_LIMIT),
            archived=query.flag("archived"),
        )
    return json_response(found)


def _place(query: Query) -> Place:
    inside = _json(query, "in_group", tuple[str, ...], '["adam"]')
    outside = _json(query, "out_of_groups", tuple[tuple[str, ...], ...], '[["adam"]]')
    return Place(query.names("group_by") or (), inside or (), outside or ())


def _json(query: Query, name: str, kind: Any, example: str) -> Any:
    """The value of a parameter that holds JSON, None when it is missing."""
    text = query.text(name)
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ApiError(
            400, f"`{name}` must be JSON such as {example}. Received: {text[:200]!r} ({error}).", name
        ) from None


def columns(call: Call) -> Response:
    """GET `/api/projects/{p}/columns`."""
    with call.store.read() as db:
        return json_response(ColumnList(tuple(runs.columns(db, call.project))))


def run_detail(call: Call) -> Response:
    """GET `/api/projects/{p}/runs/{r}`."""
    with call.store.read() as db:
        return json_response(runs.detail(db, call.project, call.run))


def run_artifacts(call: Call) -> Response:
    """GET `/api/projects/{p}/runs/{r}/artifacts`."""
    with call.store.read() as db:
        run = runs.detail(db, call.project, call.run)
    return json_response(artifacts_of(ArtifactStore(call.store.paths), run))


def edit_run(call: Call) -> Response:
    """PATCH `/api/projects/{p}/runs/{r}`."""
    body: RunPatch = call.body
    changes = _changes(body)
    home = _home(call)
    if changes:
        call.store.editor.edit(home, call.run, changes)
        call.store.catch_up()
    return run_detail(call)


def _changes(patch: RunPatch) -> dict[str, Any]:
    """What a patch sets."""
    return {name: value for name, value in msgspec.structs.asdict(patch).items() if value is not msgspec.UNSET}


def delete_run(call: Call) -> Response:
    """DELETE `/api/projects/{p}/runs/{r}`: hides the run."""
    call.store.editor.delete(_home(call), call.run)
    call.store.catch_up()
    return Response(status_code=204)


def restore_run(call: Call) -> Response:
    """POST `/api/projects/{p}/runs/{r}/restore`: shows a hidden run again."""
    call.store.editor.restore(_home(call), call.run)
    call.store.catch_up()
    return Response(status_code=204)


def bulk(call: Call) -> Response:
    """POST `/api/projects/{p}/bulk`: one change to many runs."""
    body: BulkEdit = call.body
    run_ids = [check_run_id(run_id) for run_id in body.runs]
    changes = {} if isinstance(body.set, msgspec.UnsetType) else _changes(body.set)
    if body.action != "edit" and (changes or body.add_tags or body.remove_tags):
        raise ApiError(
            400, f"`set`, `add_tags` and `remove_tags` go with action edit. Received: action={body.action!r}.", "action"
        )
    if (body.action == "move") != (body.project is not None):
        raise ApiError(400, f"`project` goes with action move. Received: action={body.action!r}.", "project")
    with call.store.read() as db:
        where = (db, call.store.editor, call.project, run_ids)
        if body.action == "edit":
            done = edits_of_many.edit_many(*where, changes, body.add_tags, body.remove_tags)
        elif body.project is not None:
            done = edits_of_many.move_many(*where, body.project)
        else:
            done = (edits_of_many.delete_many if body.action == "delete" else edits_of_many.restore_many)(*where)
    if done.changed:
        call.store.catch_up()
    return json_response(done)


def comparison(call: Call) -> Response:
    """GET `/api/projects/{p}/compare`."""
    run_ids = [check_run_id(run_id) for run_id in call.query.names("runs") or ()]
    with call.store.read() as db:
        return json_response(compare.compare(db, call.project, run_ids))


def _home(call: Call) -> str:
    """The home of the run, by which edits name it; a run that is not there is refused."""
    with call.store.read() as db:
        return runs.located(db, call.project, call.run).home


ROUTES: list[Route] = [
    route("GET", "/health", health),
    route("GET", "/projects", project_list),
    route("GET", "/projects/{p}/runs", run_page, query=_PAGE),
    route("GET", "/projects/{p}/groups", group_page, query=_GROUPS),
    route("GET", "/projects/{p}/columns", columns),
    route("GET", "/projects/{p}/runs/{r}", run_detail),
    route("GET", "/projects/{p}/runs/{r}/artifacts", run_artifacts),
    route("PATCH", "/projects/{p}/runs/{r}", edit_run, body=RunPatch),
    route("DELETE", "/projects/{p}/runs/{r}", delete_run),
    route("POST", "/projects/{p}/runs/{r}/restore", restore_run),
    route("POST", "/projects/{p}/bulk", bulk, body=BulkEdit),
    route("GET", "/projects/{p}/compare", comparison, query=("runs",)),
]
