"""Where a run is shown: in the project whose folder holds its log (its home), or in the one that an edit moved it to.

Promises: a function of the edits and of which runs there are, so an index that grew equals one that was rebuilt; no two runs of one id
are shown in one project, and a run's home keeps its place, so that home and id always name one run. Not for: making edits
(`query/edits.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kerascope.index.edits import Edited
from kerascope.index.folders import RunKey


class Moves:
    """The runs that edits move, by id. Runs are named by their homes."""

    def __init__(self, edits: Mapping[RunKey, Edited]) -> None:
        self._edits = edits
        self._movers: dict[str, set[RunKey]] = {}
        for key in edits:
            self.note(key)

    def note(self, key: RunKey) -> None:
        """Takes notice of what the edits now say about a run."""
        if self._wanted(key) != key.project:
            self._movers.setdefault(key.run_id, set()).add(key)
        elif key.run_id in self._movers:
            self._movers[key.run_id].discard(key)

    def concerned(self, key: RunKey) -> set[RunKey]:
        """Returns the other runs whose place may change when this one comes, goes or is moved."""
        return self._movers.get(key.run_id, set()) - {key}

    def project_of(self, key: RunKey, known: Collection[RunKey]) -> str:
        """Returns the project that shows a run.

        Args:
            key: The run.
            known: All runs that there are. A place that one of them has as its home is taken; among those that were moved to one
                place, the first by home has it, the rest stay at home.
        """
        wanted = self._wanted(key)
        if wanted == key.project or RunKey(wanted, key.run_id) in known:
            return key.project
        others = (one for one in self.concerned(key) if one in known and self._wanted(one) == wanted)
        return key.project if any(other < key for other in others) else wanted

    def _wanted(self, key: RunKey) -> str:
        edited = self._edits.get(key)
        return str(edited.get("project", key.project)) if edited else key.project
