"""Routes of saved views, panel layouts and reports."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from kerascope.query import views
from kerascope.server.call import Call, route
from kerascope.server.encode import json_response
from kerascope.server.errors import ApiError
from kerascope.server.records import ViewBody, ViewList


def view_list(call: Call) -> Response:
    """GET `/api/projects/{p}/views`."""
    with call.store.read() as db:
        return json_response(ViewList(tuple(views.listing(db, call.project, call.query.text("kind")))))


def view(call: Call) -> Response:
    """GET `/api/projects/{p}/views/{kind}/{name}`."""
    with call.store.read() as db:
        return json_response(views.find(db, call.project, call.path["kind"], call.path["name"]))


def save_view(call: Call) -> Response:
    """PUT `/api/projects/{p}/views/{kind}/{name}`."""
    body: ViewBody = call.body
    if body.data is None:
        raise ApiError(400, "`data` of a view must not be null. Received: data=null. DELETE removes a view.", "data")
    return _save(call, body.data)


def delete_view(call: Call) -> Response:
    """DELETE `/api/projects/{p}/views/{kind}/{name}`."""
    return _save(call, None)


def _save(call: Call, data: object) -> Response:
    call.store.editor.save_view(call.project, call.path["kind"], call.path["name"], data)
    call.store.catch_up()
    return Response(status_code=204)


ROUTES: list[Route] = [
    route("GET", "/projects/{p}/views", view_list, query=("kind",)),
    route("GET", "/projects/{p}/views/{kind}/{name:path}", view),
    route("PUT", "/projects/{p}/views/{kind}/{name:path}", save_view, body=ViewBody),
    route("DELETE", "/projects/{p}/views/{kind}/{name:path}", delete_view),
]
