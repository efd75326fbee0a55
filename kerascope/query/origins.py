"""Which artifact version the log of a run speaks of: a log names it without its project.

Promises: the run's home comes first, then the projects by name; a version counts only if its content is the one that the log names.
Not for: who used a version (`lineage.py`).
"""

from __future__ import annotations

import msgspec

from kerascope.artifacts.manifest import Manifest
from kerascope.artifacts.store import ArtifactStore
from kerascope.errors import NotFoundError, StoreError
from kerascope.query.artifact_records import RunArtifacts
from kerascope.query.records import ArtifactLink, RunDetail


def origin(store: ArtifactStore, home: str, link: ArtifactLink) -> Manifest | None:
    """Returns the version that a run of `home` made or used; None if it is not there any more."""
    for project in dict.fromkeys([home, *store.projects()]):
        try:
            found = store.manifest(project, link.name, link.version)
        except (NotFoundError, StoreError):
            continue
        if found.digest == link.digest:
            return found
    return None


def artifacts_of(store: ArtifactStore, run: RunDetail) -> RunArtifacts:
    """Returns the versions that a run made and used, with the projects that have them."""

    def placed(link: ArtifactLink) -> ArtifactLink:
        found = origin(store, run.home, link)
        return msgspec.structs.replace(link, project=found.project if found else None)

    return RunArtifacts(
        logged=tuple(placed(link) for link in run.artifacts_logged),
        used=tuple(placed(link) for link in run.artifacts_used),
    )
