"""What an artifact needs from the world around it: the store it came from. The seam that keeps `artifact.py` free of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from kerascope.artifacts.manifest import Manifest

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore


class Home(Protocol):
    """The store a committed artifact came from."""

    @property
    def blobs(self) -> BlobStore:
        """Where the contents lie."""

    def aliases_of(self, project: str, name: str, version: int) -> list[str]:
        """Returns the aliases of a version."""

    def set_aliases(self, project: str, name: str, version: int, aliases: Sequence[str]) -> None:
        """Makes `aliases` the aliases of a version."""

    def logged_by(self, manifest: Manifest) -> Any:
        """Returns the run that made a version."""

    def used_by(self, manifest: Manifest) -> list[Any]:
        """Returns the runs that used a version."""
