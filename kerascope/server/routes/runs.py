"""Routes of projects and runs: lists, one run, and changes made after the fact."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from kerascope.query import runs
from kerascope.server.call import Call, route
from kerascope.server.encode import json_response
from kerascope.server.errors import ApiError
from kerascope.server.records import ColumnList, Health, ProjectList, RunPatch
from kerascope.version import __version__

_PAGE = ("filter", "search", "order", "offset", "limit", "columns", "deleted", "archived")


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
            filter=_filter(query.text("filter")),
            search=query.text("search"),
            order=query.text("order") or "-created_s",
            offset=query.integer("offset", 0, 0),
            limit=query.integer("limit", 100, 1, runs.MAX_LIMIT),
            columns=query.names("columns"),
            deleted=query.flag("deleted"),
            archived=query.flag("archived"),
        )
    return json_response(found)


def _filter(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ApiError(
            400, f'`filter` must be JSON such as {{"state": "running"}}. Received: {text[:200]!r} ({error}).', "filter"
        ) from None


def columns(call: Call) -> Response:
    """GET `/api/projects/{p}/columns`."""
    with call.store.read() as db:
        return json_response(ColumnList(tuple(runs.columns(db, call.project))))


def run_detail(call: Call) -> Response:
    """GET `/api/projects/{p}/runs/{r}`."""
    with call.store.read() as db:
        return json_response(runs.detail(db, call.project, call.run))


def edit_run(call: Call) -> Response:
    """PATCH `/api/projects/{p}/runs/{r}`."""
    body: RunPatch = call.body
    changes = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not msgspec.UNSET}
    _require(call)
    if changes:
        call.store.editor.edit(call.project, call.run, changes)
        call.store.catch_up()
    return run_detail(call)


def delete_run(call: Call) -> Response:
    """DELETE `/api/projects/{p}/runs/{r}`: hides the run."""
    _require(call)
    call.store.editor.delete(call.project, call.run)
    call.store.catch_up()
    return Response(status_code=204)


def restore_run(call: Call) -> Response:
    """POST `/api/projects/{p}/runs/{r}/restore`: shows a hidden run again."""
    _require(call)
    call.store.editor.restore(call.project, call.run)
    call.store.catch_up()
    return Response(status_code=204)


def _require(call: Call) -> None:
    """Refuses a run that is not there."""
    with call.store.read() as db:
        runs.find(db, call.project, call.run)


ROUTES: list[Route] = [
    route("GET", "/health", health),
    route("GET", "/projects", project_list),
    route("GET", "/projects/{p}/runs", run_page, query=_PAGE),
    route("GET", "/projects/{p}/columns", columns),
    route("GET", "/projects/{p}/runs/{r}", run_detail),
    route("PATCH", "/projects/{p}/runs/{r}", edit_run, body=RunPatch),
    route("DELETE", "/projects/{p}/runs/{r}", delete_run),
    route("POST", "/projects/{p}/runs/{r}/restore", restore_run),
]
