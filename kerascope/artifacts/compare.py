"""What two versions differ in, and whether a version's contents are still whole."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kerascope.artifacts.content import hash_entry
from kerascope.artifacts.manifest import Entry, Manifest, content_digest
from kerascope.artifacts.sources import file_of_uri
from kerascope.blobs.store import BlobStore
from kerascope.errors import Error


class Difference(msgspec.Struct, frozen=True):
    """Paths of two versions; `same_bytes` counts the bytes of the second one's files that the first has too."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    same_bytes: int


def diff(old: Manifest, new: Manifest) -> Difference:
    """Returns what the second version has that the first has not, by path."""
    before = {entry.path: entry for entry in old.entries}
    after = {entry.path: entry for entry in new.entries}
    common = sorted(set(before) & set(after))
    same = [path for path in common if before[path].digest == after[path].digest]
    owned = {piece.sha256 for entry in old.entries for piece in entry.pieces}
    return Difference(
        added=tuple(sorted(set(after) - set(before))),
        removed=tuple(sorted(set(before) - set(after))),
        changed=tuple(path for path in common if path not in same),
        same=tuple(same),
        same_bytes=sum(piece.size for entry in new.entries for piece in entry.pieces if piece.sha256 in owned),
    )


class Damage(msgspec.Struct, frozen=True):
    """A file of a version that is not whole, and why; `path` is empty if it is the manifest itself."""

    project: str
    name: str
    version: int
    path: str
    reason: str


def verify(blobs: BlobStore, manifests: Iterable[Manifest]) -> list[Damage]:
    """Reads all contents of the versions and returns what is damaged; contents that several share are read once."""
    known: dict[tuple[object, ...], str] = {}
    damage: list[Damage] = []
    for manifest in manifests:
        if content_digest(manifest.entries) != manifest.digest:
            damage.append(
                Damage(manifest.project, manifest.name, manifest.version, "", "the digest does not fit the entries")
            )
        for entry in manifest.entries:
            key = (entry.sha256, entry.reference, entry.chunks)
            if key not in known:
                known[key] = _check(blobs, entry)
            if known[key]:
                damage.append(Damage(manifest.project, manifest.name, manifest.version, entry.path, known[key]))
    return damage


def _check(blobs: BlobStore, entry: Entry) -> str:
    if entry.reference is not None:
        local = file_of_uri(entry.reference)
        return "" if local is None or local.is_file() else f"the referenced file is gone: {entry.reference}"
    try:
        found = hash_entry(blobs, entry)
    except (Error, OSError) as error:
        return str(error)
    return "" if found == entry.sha256 else f"the content has sha256 {found}, expected {entry.sha256}"
