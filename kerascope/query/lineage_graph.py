"""What an artifact version was made from, and what was made with it: runs and versions as a graph.

Promises: each run and version comes once, however many ways lead to it; runs that were deleted end the way. Not for: contents.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from kerascope.artifacts.manifest import Manifest
from kerascope.artifacts.store import ArtifactStore
from kerascope.paths import StorePaths
from kerascope.query.artifact_records import LineageEdge, LineageGraph, LineageNode
from kerascope.query.filters import storable
from kerascope.query.homes import locate, shown
from kerascope.query.lineage import users
from kerascope.query.origins import origin
from kerascope.query.runs import links
from kerascope.query.state import alive

MAX_DEPTH = 20
MAX_NODES = 2000


def graph(db: Connection, paths: StorePaths, start: Manifest, depth: int = 6) -> LineageGraph:
    """Returns the runs and versions around a version, at most `depth` steps up and down.

    Args:
        db: An index connection.
        paths: The store.
        start: The version.
        depth: How many edges to follow in each direction, 0 to 20.
    """
    walk = _Walk(db, paths)
    walk.add_version(start, 0)
    for direction in (-1, 1):
        walk.follow(start, direction, depth)
    return LineageGraph(
        nodes=tuple(sorted(walk.nodes.values(), key=lambda node: (node.distance, node.kind, node.id))),
        edges=tuple(LineageEdge(source=source, target=target) for source, target in sorted(walk.edges)),
        complete=walk.complete,
    )


class _Walk:
    """The part of the graph that was seen so far."""

    def __init__(self, db: Connection, paths: StorePaths) -> None:
        self._db, self._store = db, ArtifactStore(paths)
        self._state = alive(db).sql()
        self.nodes: dict[str, LineageNode] = {}
        self.edges: set[tuple[str, str]] = set()
        self.complete = True

    def follow(self, start: Manifest, direction: int, depth: int) -> None:
        """Adds what lies up (-1) or down (1) the flow of the data, nearest first."""
        level: list[Manifest | tuple[str, str]] = [start]
        seen = {_version_id(start)}
        for distance in range(1, depth + 2):
            found: list[Manifest | tuple[str, str]] = []
            for one in level:
                near = (
                    self._near_version(one, direction) if isinstance(one, Manifest) else self._near_run(one, direction)
                )
                if near and (distance > depth or len(self.nodes) > MAX_NODES):
                    self.complete = False
                    return
                for other in near:
                    if self._add(one, other, direction * distance, direction) and _id(other) not in seen:
                        seen.add(_id(other))
                        found.append(other)
            level = found

    def add_version(self, one: Manifest, distance: int) -> None:
        """Adds a version."""
        self.nodes.setdefault(
            _version_id(one),
            LineageNode(
                id=_version_id(one),
                kind="artifact",
                project=one.project,
                name=one.name,
                version=one.version,
                type=one.type,
                state=None,
                distance=distance,
            ),
        )

    def _add(
        self, one: Manifest | tuple[str, str], other: Manifest | tuple[str, str], distance: int, direction: int
    ) -> bool:
        """Adds a neighbour and the edge to it; False for a run that is not there."""
        if isinstance(other, Manifest):
            self.add_version(other, distance)
        elif not self._add_run(other, distance):
            return False
        self.edges.add((_id(one), _id(other)) if direction > 0 else (_id(other), _id(one)))
        return True

    def _add_run(self, run: tuple[str, str], distance: int) -> bool:
        if _id(run) in self.nodes:
            return True
        query = text(
            f"SELECT run.name, run.job_type, {self._state} FROM run WHERE project = :project AND id = :id AND deleted = 0"
        )
        row = self._db.execute(query, {"project": storable(run[0]), "id": storable(run[1])}).first()
        if row is None:
            return False
        name, job_type, state = row
        self.nodes[_id(run)] = LineageNode(
            id=_id(run),
            kind="run",
            project=run[0],
            name=name,
            version=None,
            type=job_type,
            state=state,
            distance=distance,
        )
        return True

    def _near_version(self, one: Manifest, direction: int) -> list[Manifest | tuple[str, str]]:
        if direction < 0:
            return [shown(self._db, one.run.project, one.run.id)] if one.run else []
        return [(run.project, run.id) for run in users(self._db, one.name, one.version, one.digest)]

    def _near_run(self, run: tuple[str, str], direction: int) -> list[Manifest | tuple[str, str]]:
        where = locate(self._db, *run)
        if where is None:
            return []
        found = links(self._db, where.num, "logged" if direction > 0 else "used")
        versions = (origin(self._store, where.home, link) for link in found)
        return [one for one in versions if one is not None]


def _id(one: Manifest | tuple[str, str]) -> str:
    return _version_id(one) if isinstance(one, Manifest) else f"run:{one[0]}/{one[1]}"


def _version_id(one: Manifest) -> str:
    return f"artifact:{one.project}/{one.name}:v{one.version}"
