"""The route that sends a run as a download."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from kerascope.query import export
from kerascope.reports import page
from kerascope.server.call import Call, route
from kerascope.server.static_files import STATIC

_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "parquet": "application/vnd.apache.parquet"}
_PAGE = "html"


def run_export(call: Call) -> Response:
    """GET `/api/projects/{p}/runs/{r}/export`."""
    kind = call.query.choice("format", (*export.FORMATS, _PAGE))
    if kind == _PAGE:
        return _page(call)
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


def _page(call: Call) -> Response:
    """The run as one page, always a download: it has scripts, and must not run as part of the dashboard."""
    with call.store.read() as db:
        content = page.runs_page(db, STATIC / "page", [(call.project, call.run)], blobs=call.store.blobs)
    name = quote(f"{call.project}-{call.run}.html", safe="")
    headers = {"Cache-Control": "no-store", "Content-Disposition": f"attachment; filename*=utf-8''{name}"}
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


ROUTES: list[Route] = [route("GET", "/projects/{p}/runs/{r}/export", run_export, query=("format",))]
