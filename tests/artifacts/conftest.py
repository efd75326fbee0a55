"""A store of artifacts in a fresh folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerascope.artifacts import ArtifactStore
from kerascope.paths import StorePaths


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(StorePaths(tmp_path / "store"))
