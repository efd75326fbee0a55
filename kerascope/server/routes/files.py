"""Routes of a run's files and of blobs: everything here was made by users and is sent so that it can do no harm."""

from __future__ import annotations

import re

from starlette.responses import Response
from starlette.routing import Route

from kerascope.errors import NotFoundError
from kerascope.query import files
from kerascope.server.call import Call, route
from kerascope.server.encode import json_response
from kerascope.server.errors import ApiError
from kerascope.server.records import FileList
from kerascope.server.user_files import SAFE_TYPES, send_file, type_of

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


def file_list(call: Call) -> Response:
    """GET `/api/projects/{p}/runs/{r}/files`."""
    with call.store.read() as db:
        return json_response(FileList(tuple(files.listing(db, call.store.paths, call.project, call.run))))


def run_file(call: Call) -> Response:
    """GET `/api/projects/{p}/runs/{r}/files/{path}`."""
    name = call.path["path"]
    with call.store.read() as db:
        file = files.locate(db, call.store.paths, call.project, call.run, name)
    if not file.is_file():
        raise NotFoundError(
            f"The contents of a listed file must be in the store. Received: {name!r}, whose blob is missing."
        )
    return send_file(file, type_of(name), None, "no-cache", download_as=name.rpartition("/")[2])


def blob(call: Call) -> Response:
    """GET `/api/blobs/{sha256}`."""
    digest, media_type, name = call.path["sha256"], call.query.text("type"), call.query.text("name")
    if not _DIGEST.match(digest):
        raise ApiError(400, f"`sha256` must be 64 hex digits. Received: sha256={digest[:80]!r}.", "sha256")
    if media_type is not None and media_type not in SAFE_TYPES:
        raise ApiError(
            400, f"`type` must be one of {', '.join(sorted(SAFE_TYPES))}. Received: type={media_type!r}.", "type"
        )
    file = call.store.blobs.path(digest)
    if not file.is_file():
        raise NotFoundError(f"The store must hold this blob. Received: sha256={digest}.")
    caching = "private, max-age=31536000, immutable"
    return send_file(file, media_type or "application/octet-stream", name, caching, download_as=digest)


ROUTES: list[Route] = [
    route("GET", "/projects/{p}/runs/{r}/files", file_list),
    route("GET", "/projects/{p}/runs/{r}/files/{path:path}", run_file),
    route("GET", "/blobs/{sha256}", blob, query=("type", "name")),
]
