"""The manifest of an artifact version: its records, its JSON and its digest (`docs/formats/artifacts.md`).

Pure but for `read`. Promises: decoding what was encoded gives the same manifest; equal contents give equal digests whatever the
order they were added in. Not for: where manifests lie and which version they are (see `store.py`).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from kerascope.errors import NotFoundError, StoreError

FORMAT = 1


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """Part of a file: `size` bytes of the blob `sha256`, from `offset`."""

    sha256: str
    size: int
    offset: int = 0


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file of an artifact: a blob, pieces of blobs in order (`chunks`), or a `reference` to a place elsewhere."""

    path: str
    sha256: str | None = None
    size: int | None = None
    chunks: tuple[Piece, ...] = ()
    reference: str | None = None

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The parts of blobs that the file consists of, in order; empty for references."""
        if self.chunks or self.reference is not None or self.sha256 is None:
            return self.chunks
        return (Piece(self.sha256, self.size or 0),)

    @property
    def digest(self) -> str:
        """What stands for the content: its sha256, or the place a reference names."""
        return self.reference if self.reference is not None and self.sha256 is None else self.sha256 or ""


class RunRef(msgspec.Struct, frozen=True):
    """The run that made a version."""

    project: str
    id: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an artifact."""

    format: int = FORMAT
    name: str
    type: str
    version: int
    digest: str
    size: int
    description: str | None = None
    metadata: dict[str, Any] = {}
    created_at: str
    project: str
    run: RunRef | None = None
    entries: tuple[Entry, ...] = ()


def content_digest(entries: Iterable[Entry]) -> str:
    """Returns the SHA-256, in hex, over `<path> NUL <sha256 or reference> newline` of the entries sorted by path."""
    digest = hashlib.sha256()
    for entry in sorted(entries, key=lambda entry: entry.path):
        digest.update(f"{entry.path}\0{entry.digest}\n".encode())
    return digest.hexdigest()


def encode(manifest: Manifest) -> bytes:
    """Returns the JSON of a manifest; NaN and infinities in the metadata become the texts "NaN", "Infinity", "-Infinity"."""
    plain = msgspec.structs.replace(manifest, metadata=_json_safe(manifest.metadata))
    return msgspec.json.format(msgspec.json.encode(plain), indent=1)


def _json_safe(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _json_safe(item) for key, item in value.items()}
    return [_json_safe(item) for item in value] if isinstance(value, list) else value


def decode(data: bytes) -> Manifest:
    """Returns the manifest that `data` is the JSON of; unknown fields are ignored.

    Raises:
        ValueError: if it is none, or of a newer format.
    """
    manifest = msgspec.json.decode(data, type=Manifest)
    if manifest.format > FORMAT:
        raise ValueError(f"format {manifest.format} is newer than this kerascope, which knows {FORMAT}")
    return manifest


def read(path: Path) -> Manifest:
    """Returns the manifest in the file at `path`.

    Raises:
        NotFoundError: if there is no such file.
        StoreError: if it cannot be read as a manifest.
    """
    try:
        return decode(path.read_bytes())
    except FileNotFoundError:
        raise NotFoundError(f"There is no such artifact version. Received: path={path}.") from None
    except (ValueError, OSError) as error:
        raise StoreError(
            f"The manifest of an artifact version cannot be read. Received: path={path}. {error}. "
            "`kerascope artifacts verify` checks them all."
        ) from error
