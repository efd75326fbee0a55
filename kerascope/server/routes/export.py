"""The route that sends a run as a download."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from kerascope.query import export
from kerascope.server.call import Call, route

_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "parquet": "application/vnd.apache.parquet"}


def run_export(call: Call) -> Response:
    """GET `/api/projects/{p}/runs/{r}/export`."""
    kind = call.query.choice("format", export.FORMATS)
    descriptor, name = tempfile.mkstemp(prefix="kerascope-export-")
    file = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as target, call.store.read() as db:
            export.export_run(db, call.project, call.run, kind, target)
    except BaseException:
        file.unlink()
        raise
    return FileResponse(
        file,
        headers={"Cache-Control": "no-store"},
        media_type=_TYPES[kind],
        filename=f"{call.project}-{call.run}.{kind}",
        background=BackgroundTask(file.unlink, missing_ok=True),
    )


ROUTES: list[Route] = [route("GET", "/projects/{p}/runs/{r}/export", run_export, query=("format",))]
