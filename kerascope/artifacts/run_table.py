"""The artifact that goes with a logged table: `run-<run id>-<key>`, type `run_table`."""

from __future__ import annotations

import re

from kerascope.artifacts.artifact import Artifact
from kerascope.artifacts.names import safe_name
from kerascope.media.base import Media
from kerascope.media.table import Table

TYPE = "run_table"


def run_table(media: Media, run_id: str, key: str) -> Artifact | None:
    """Returns the draft that should be logged along with a media value, None if the value is no table.

    Args:
        media: the value, frozen.
        run_id: the run that logs it.
        key: the history key; characters that no artifact name may hold become `_`.
    """
    if not isinstance(media, Table):
        return None
    artifact = Artifact(safe_name(f"run-{run_id}-{re.sub(r'[^A-Za-z0-9_.-]', '_', key)}"), TYPE)
    artifact.add(media, safe_name(key))
    return artifact
