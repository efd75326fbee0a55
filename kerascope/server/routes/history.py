"""Routes of what runs logged over time: keys, series for charts, rows, other values, console lines."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from kerascope.paths import check_project, check_run_id
from kerascope.query import console, history, sample
from kerascope.query.cells import cell_page
from kerascope.server.call import Call, route
from kerascope.server.encode import SERIES_TYPE, json_response, series_bytes
from kerascope.server.errors import ApiError
from kerascope.server.records import KeyList, SeriesQuery

MAX_SERIES = 2000
MAX_ROWS = 100_000


def keys(call: Call) -> Response:
    """GET `/api/projects/{p}/keys`."""
    run_ids = call.query.names("runs")
    wanted = None if run_ids is None else [check_run_id(one) for one in run_ids]
    with call.store.read() as db:
        return json_response(KeyList(tuple(history.keys(db, call.project, wanted))))


def series(call: Call) -> Response:
    """POST `/api/series`: points or buckets, in binary."""
    body: SeriesQuery = call.body
    if len(body.series) > MAX_SERIES:
        raise ApiError(
            400, f"`series` must hold at most {MAX_SERIES}. Received: {len(body.series)}. Ask twice.", "series"
        )
    wanted = [sample.Request(check_project(one.project), check_run_id(one.run), one.key) for one in body.series]
    with call.store.read() as db:
        found = sample.series(db, wanted, body.x, body.buckets, body.x_min, body.x_max)
    return Response(series_bytes(found), media_type=SERIES_TYPE, headers={"Cache-Control": "no-store"})


def rows(call: Call) -> Response:
    """GET `/api/projects/{p}/runs/{r}/history`."""
    query = call.query
    with call.store.read() as db:
        found = history.rows(
            db,
            call.project,
            call.run,
            keys=query.names("keys"),
            min_step=query.integer("min_step", None, -(2**53)),
            max_step=query.integer("max_step", None, -(2**53)),
            limit=query.integer("limit", 1000, 1, MAX_ROWS),
        )
    return json_response(found)


def cells(call: Call) -> Response:
    """GET `/api/projects/{p}/runs/{r}/cells`."""
    query = call.query
    with call.store.read() as db:
        found = cell_page(
            db,
            call.project,
            call.run,
            query.required("key"),
            min_step=query.integer("min_step", None, -(2**53)),
            max_step=query.integer("max_step", None, -(2**53)),
            limit=query.integer("limit", 1000, 1, MAX_ROWS),
            last=query.flag("last"),
            sample=query.integer("sample", None, 1, MAX_ROWS),
        )
    return json_response(found)


def console_lines(call: Call) -> Response:
    """GET `/api/projects/{p}/runs/{r}/console`."""
    query = call.query
    with call.store.read() as db:
        found = console.lines(
            db,
            call.project,
            call.run,
            after=query.integer("after", None, -1),
            before=query.integer("before", None, 0),
            limit=query.integer("limit", 1000, 1, MAX_ROWS),
            search=query.text("search"),
        )
    return json_response(found)


ROUTES: list[Route] = [
    route("GET", "/projects/{p}/keys", keys, query=("runs",)),
    route("POST", "/series", series, body=SeriesQuery),
    route("GET", "/projects/{p}/runs/{r}/history", rows, query=("keys", "min_step", "max_step", "limit")),
    route(
        "GET", "/projects/{p}/runs/{r}/cells", cells, query=("key", "min_step", "max_step", "limit", "last", "sample")
    ),
    route("GET", "/projects/{p}/runs/{r}/console", console_lines, query=("after", "before", "limit", "search")),
]
