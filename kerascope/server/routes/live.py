"""The route of live changes: server-sent events."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from kerascope.errors import Error
from kerascope.paths import check_project, check_run_id
from kerascope.server.call import Query
from kerascope.server.errors import ApiError, refusal
from kerascope.server.live import events


async def live(request: Request) -> Response:
    """GET `/api/live`: changes as they happen, of everything or of one project or run."""
    try:
        query = Query(request.query_params.multi_items(), ("project", "run", "after", "token"))
        project, run = query.text("project"), query.text("run")
        if project is not None:
            check_project(project)
        if run is not None:
            check_run_id(run)
    except (ApiError, Error) as error:
        return refusal(error)
    cursor = request.headers.get("last-event-id") or query.text("after")
    stream = events(request.app.state.store.feed, cursor, project, run)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


ROUTES: list[Route] = [Route("/live", live)]
