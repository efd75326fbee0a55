"""Routes of artifacts: their names, versions and manifests."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from kerascope.query import lineage
from kerascope.server.call import Call, route
from kerascope.server.encode import json_response
from kerascope.server.records import ArtifactList


def artifact_list(call: Call) -> Response:
    """GET `/api/projects/{p}/artifacts`."""
    return json_response(ArtifactList(tuple(lineage.artifacts(call.store.paths, call.project))))


def artifact(call: Call) -> Response:
    """GET `/api/projects/{p}/artifacts/{name}`."""
    with call.store.read() as db:
        return json_response(lineage.artifact(db, call.store.paths, call.project, call.path["name"]))


def manifest(call: Call) -> Response:
    """GET `/api/projects/{p}/artifacts/{name}/{version or alias}`."""
    with call.store.read() as db:
        found = lineage.manifest(db, call.store.paths, call.project, call.path["name"], call.path["version"])
    return json_response(found)


ROUTES: list[Route] = [
    route("GET", "/projects/{p}/artifacts", artifact_list),
    route("GET", "/projects/{p}/artifacts/{name}", artifact),
    route("GET", "/projects/{p}/artifacts/{name}/{version}", manifest),
]
