"""Artifacts: named, versioned contents, stored once and kept as long as something needs them."""

from kerascope.artifacts.artifact import Artifact
from kerascope.artifacts.entry import ArtifactEntry, ArtifactManifest
from kerascope.artifacts.names import safe_name
from kerascope.artifacts.store import ArtifactStore, Collection, Lineage

__all__ = ["Artifact", "ArtifactEntry", "ArtifactManifest", "ArtifactStore", "Collection", "Lineage", "safe_name"]
