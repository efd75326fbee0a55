"""The dashboard's files, built by `make web` into `kerascope/server/static/`.

Promises: one page answers every address; nothing outside the folder is read; the page may load nothing from anywhere else.
"""

from __future__ import annotations

import html
import os
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

# Another build than the installed one, for work on the dashboard itself.
STATIC = Path(os.environ.get("KERASCOPE_STATIC") or Path(__file__).parent / "static")

# Styles may stand in attributes: the front end sets sizes and colours of elements there. Only pages of this machine may show the
# dashboard in a frame (notebooks): whoever serves one there can reach this server without a frame just as well.
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self' "
    "http://localhost:* http://127.0.0.1:* https://localhost:* https://127.0.0.1:*"
)
# Figures that users logged are drawn by plotly.js in a frame: an origin of its own, which can load and send nothing.
_FRAME = "assets/figure-frame-"
_FRAME_POLICY = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; worker-src blob:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".map": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>kerascope</title>
<h1>The dashboard is not built</h1>
<p>This copy of kerascope runs from its source tree. Run <code>make web</code> there (it needs Node.js), then reload this page.</p>
<p>The data is served all the same: <a href="/api/projects">/api/projects</a>.</p></html>
"""


class Dashboard:
    """Answers every address outside `/api/` from a folder of built files.

    Args:
        folder: The folder that holds `index.html`.
    """

    def __init__(self, folder: Path = STATIC) -> None:
        self.folder = folder

    async def answer(self, request: Request) -> Response:
        """Returns the file that the address names, else the page."""
        cursor: str = request.app.state.store.feed.cursor()
        return await run_in_threadpool(self._choose, request.path_params["path"], cursor)

    def _choose(self, path: str, cursor: str) -> Response:
        file = self._find(path)
        if file is not None and file.name != "index.html":
            hashed = path.startswith("assets/")  # the build puts a digest of the content into these names
            caching = "public, max-age=31536000, immutable" if hashed else "no-cache"
            return _send(file, caching, _FRAME_POLICY if path.startswith(_FRAME) else _PAGE_POLICY)
        page = self.folder / "index.html"
        return _page(_first_page(page.read_text("utf-8"), cursor) if page.is_file() else HTMLResponse(_NOT_BUILT))

    def _find(self, path: str) -> Path | None:
        """Returns the built file that `path` names; None if there is none, or if it would lie outside the folder."""
        if not path or "\0" in path:
            return None
        folder = self.folder.resolve()
        file = (folder / path).resolve()
        return file if file.is_relative_to(folder) and file.is_file() else None


def _first_page(text: str, cursor: str) -> Response:
    """The page, which knows a place in the feed of changes from before its first question: so no change falls between its
    questions and its live stream."""
    meta = f'<meta name="kerascope-cursor" content="{html.escape(cursor)}" /></head>'
    return HTMLResponse(text.replace("</head>", meta, 1), headers={"Cache-Control": "no-cache"})


def _send(file: Path, caching: str, policy: str) -> Response:
    media_type = _TYPES.get(file.suffix, "application/octet-stream")
    return _page(FileResponse(file, headers={"Cache-Control": caching}, media_type=media_type), policy)


def _page(response: Response, policy: str = _PAGE_POLICY) -> Response:
    response.headers["Content-Security-Policy"] = policy
    return response
