"""What tests read back of a run: history rows, summary, tables and artifacts, from the files a run leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kerascope.artifacts import Artifact, ArtifactStore
from kerascope.blobs.store import BlobStore
from kerascope.events.types import Keys, Notice, Row
from kerascope.paths import StorePaths
from kerascope.runlog.files import list_segments
from kerascope.runlog.reader import iter_events
from kerascope.tracking.resume import find_previous
from kerascope.tracking.run import Run


class Recorded:
    """A finished run."""

    def __init__(self, root: Path, project: str, run_id: str) -> None:
        self.paths = StorePaths(root)
        self.project = project
        self.id = run_id
        self.files = self.paths.files(project, run_id)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """History rows in step order, without the keys that start with `_`."""
        merged: dict[int, dict[str, Any]] = {}
        for segment in list_segments(self.paths.log(self.project, self.id)):
            names: dict[int, tuple[str, ...]] = {}
            for event in events_of(segment):
                if isinstance(event, Keys):
                    names[event.id] = event.names
                elif isinstance(event, Row):
                    merged.setdefault(event.step, {}).update(zip(names[event.keys], event.values, strict=True))
        return [{k: v for k, v in merged[step].items() if not k.startswith("_")} for step in sorted(merged)]

    @property
    def notices(self) -> list[str]:
        segments = list_segments(self.paths.log(self.project, self.id))
        return [event.text for segment in segments for event in events_of(segment) if isinstance(event, Notice)]

    @property
    def summary(self) -> dict[str, Any]:
        previous = find_previous(self.paths, self.project, self.id)
        assert previous is not None
        return dict(previous.run.summary)

    def artifact(self, name: str) -> Artifact:
        return ArtifactStore(self.paths).resolve(self.project, name)

    def aliases(self, name: str) -> set[str]:
        folder = self.paths.artifact(self.project, name) / "aliases"
        return {path.name for path in folder.iterdir()} if folder.is_dir() else set()

    def versions(self, name: str) -> int:
        return len(list(self.paths.artifact(self.project, name).glob("v*.json")))

    def json_blob(self, sha256: str) -> Any:
        return json.loads(BlobStore(self.paths.blobs).path(sha256).read_bytes())


def events_of(segment: Path) -> list[Any]:
    return [event for _, event in iter_events(segment)]


def recorded(run: Run, root: Path) -> Recorded:
    """Finishes `run` and returns what it left in the store at `root`."""
    project, run_id = run.project, run.id
    run.finish()
    return Recorded(root, project, run_id)
