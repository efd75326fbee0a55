"""The route of logged tables: pages of rows, or all of them as CSV."""

from __future__ import annotations

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from kerascope.query.table_records import TableQuery
from kerascope.server.call import Call, route
from kerascope.server.encode import json_response


def table(call: Call) -> Response:
    """POST `/api/table`."""
    query: TableQuery = call.body
    if query.format == "json":
        return json_response(call.store.tables.page(query))
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="table.csv"'}
    return StreamingResponse(call.store.tables.csv(query), media_type="text/csv", headers=headers)


ROUTES: list[Route] = [route("POST", "/table", table, body=TableQuery)]
