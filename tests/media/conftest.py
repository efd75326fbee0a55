"""A blob store in a fresh folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerascope.blobs.store import BlobStore


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")
