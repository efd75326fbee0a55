"""The route of many histograms at once."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from kerascope.query import histograms
from kerascope.server.call import Call, route
from kerascope.server.encode import json_response
from kerascope.server.errors import ApiError
from kerascope.server.records import HistogramList, HistogramQuery

MAX_KEYS = 500
_LIMITS = {"sample": 1000, "rows": 128}


def series(call: Call) -> Response:
    """POST `/api/projects/{p}/runs/{r}/histograms`."""
    body: HistogramQuery = call.body
    if len(body.keys) > MAX_KEYS:
        raise ApiError(400, f"`keys` must hold at most {MAX_KEYS}. Received: {len(body.keys)}. Ask twice.", "keys")
    for name, most in _LIMITS.items():
        value = getattr(body, name)
        if not 1 <= value <= most:
            raise ApiError(400, f"`{name}` must be a whole number from 1 to {most}. Received: {name}={value}.", name)
    with call.store.read() as db:
        found = histograms.series(db, call.project, call.run, body.keys, body.sample, body.rows)
    return json_response(HistogramList(tuple(found)))


ROUTES: list[Route] = [
    route("POST", "/projects/{p}/runs/{r}/histograms", series, body=HistogramQuery),
]
