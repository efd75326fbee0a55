"""Routes of artifacts: their names, versions and manifests."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from kerascope.artifacts.manifest import Manifest
from kerascope.errors import NotFoundError
from kerascope.paths import check_project
from kerascope.query import lineage, versions
from kerascope.query.lineage_graph import MAX_DEPTH, graph
from kerascope.server.call import Call, route
from kerascope.server.encode import json_response
from kerascope.server.errors import ApiError
from kerascope.server.pieces import send_pieces
from kerascope.server.records import AliasBody, ArtifactList
from kerascope.server.user_files import is_shown, send_file, type_of

_BASE = ("base", "base_name", "base_project")


def artifact_list(call: Call) -> Response:
    """GET `/api/projects/{p}/artifacts`."""
    found = lineage.artifacts(call.store.paths, call.project)
    shown = [one for one in found if call.query.flag("all") or one.type not in lineage.OWN_TYPES]
    return json_response(ArtifactList(tuple(shown), len(found) - len(shown)))


def artifact(call: Call) -> Response:
    """GET `/api/projects/{p}/artifacts/{name}`."""
    with call.store.read() as db:
        return json_response(lineage.artifact(db, call.store.paths, call.project, call.path["name"]))


def manifest(call: Call) -> Response:
    """GET `/api/projects/{p}/artifacts/{name}/{version or alias}`."""
    with call.store.read() as db:
        found = lineage.manifest(db, call.store.paths, call.project, call.path["name"], call.path["version"])
    return json_response(found)


def aliases(call: Call) -> Response:
    """PUT `/api/projects/{p}/artifacts/{name}/{version or alias}/aliases`."""
    body: AliasBody = call.body
    with call.store.read() as db:
        return json_response(lineage.set_aliases(db, call.store.paths, *_version(call), body.aliases))


def artifact_file(call: Call) -> Response:
    """GET `/api/projects/{p}/artifacts/{name}/{version or alias}/files/{path}`."""
    path = call.path["path"]
    entry = lineage.file_of(call.store.paths, *_version(call), path)
    if entry.reference is not None:
        raise ApiError(
            409,
            f"A reference is not sent, its content is elsewhere. Received: {path!r}. Open {entry.reference} itself.",
        )
    file_name = path.rpartition("/")[2]
    media_type = type_of(path)
    name = None if is_shown(media_type, None) and not call.query.flag("download") else file_name
    if not entry.chunks:
        file = call.store.blobs.path(entry.sha256 or "")
        if not file.is_file():
            raise NotFoundError(
                f"The contents of a listed file must be in the store. Received: {path!r}, whose blob is gone."
            )
        return send_file(file, media_type, name, "no-cache", download_as=file_name)
    return send_pieces(call.store.blobs, entry, media_type, name, "no-cache", call.range)


def difference(call: Call) -> Response:
    """GET `/api/projects/{p}/artifacts/{name}/{version or alias}/diff`."""
    return json_response(versions.difference(*_two_versions(call)))


def layers(call: Call) -> Response:
    """GET `/api/projects/{p}/artifacts/{name}/{version or alias}/layers`."""
    return json_response(versions.layers(call.store.paths, *_two_versions(call)))


def _two_versions(call: Call) -> tuple[Manifest, Manifest]:
    """The version that the address names, and the one that the query does."""
    paths, query = call.store.paths, call.query
    new = lineage.find(paths, *_version(call))
    project = query.text("base_project")
    base = versions.base_of(
        paths, new, query.text("base"), query.text("base_name"), None if project is None else check_project(project)
    )
    return new, base


def lineage_graph(call: Call) -> Response:
    """GET `/api/projects/{p}/artifacts/{name}/{version or alias}/lineage`."""
    start = lineage.find(call.store.paths, *_version(call))
    depth = call.query.integer("depth", 6, 0, MAX_DEPTH)
    with call.store.read() as db:
        return json_response(graph(db, call.store.paths, start, depth))


def _version(call: Call) -> tuple[str, str, str]:
    """Project, name and version or alias that the address names."""
    return call.project, call.path["name"], call.path["version"]


ROUTES: list[Route] = [
    route("GET", "/projects/{p}/artifacts", artifact_list, query=("all",)),
    route("GET", "/projects/{p}/artifacts/{name}", artifact),
    route("GET", "/projects/{p}/artifacts/{name}/{version}", manifest),
    route("PUT", "/projects/{p}/artifacts/{name}/{version}/aliases", aliases, body=AliasBody),
    route("GET", "/projects/{p}/artifacts/{name}/{version}/files/{path:path}", artifact_file, query=("download",)),
    route("GET", "/projects/{p}/artifacts/{name}/{version}/diff", difference, query=_BASE),
    route("GET", "/projects/{p}/artifacts/{name}/{version}/layers", layers, query=_BASE),
    route("GET", "/projects/{p}/artifacts/{name}/{version}/lineage", lineage_graph, query=("depth",)),
]
