"""What every logged value that is more than a number has in common, and the border to the blob store.

A `Media` value goes through two steps. `freeze` runs on the thread that logs: it checks the value and takes a copy of everything
the caller could still change. `to_value` turns the frozen value into the map that a history row holds (`docs/formats/events.md`)
and puts its bytes, if any, into the blob store; for heavy values it runs on the background worker.

Not for: deciding which Python object becomes which media value (see `convert.py`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from kerascope.blobs.ingest import put_many
from kerascope.errors import WrongTypeError, WrongValueError

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore

Value = Any  # scalars, lists and string-keyed maps: the JSON border
_BATCH = 256
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


class Storable(Protocol):
    """Something with one file that can be stored before it is asked for."""

    def content_bytes(self) -> bytes | None:
        """Returns the bytes of the file if it is not in a store yet and can be stored ahead; else None."""

    def stored_as(self, sha256: str, size_bytes: int, path: Path) -> None:
        """Tells that `content_bytes` is the blob at `path` now, so that its memory can be given back."""


class Media:
    """A value that can be logged under a key, put into a table cell or added to an artifact."""

    heavy: ClassVar[bool] = True
    """True if `to_value` encodes or writes so much that it belongs on the background worker."""

    kind: ClassVar[str] = ""
    """The `_type` of the value, such as `image-file`."""

    artifact_kind: ClassVar[str] = ""
    """The middle part of the name of an object in an artifact, where it is not `kind`."""

    @property
    def size_bytes(self) -> int:
        """About how much memory the frozen value holds until its blobs are written."""
        return 0

    def freeze(self) -> None:
        """Checks the value and copies what the caller could still change. Called by the thread that logs; repeatable."""

    def content_bytes(self) -> bytes | None:
        """Returns the bytes of the value's main file if it is not in a store yet and can be stored ahead; else None."""
        return None

    def stored_as(self, sha256: str, size_bytes: int, path: Path) -> None:
        """Tells the value that `content_bytes` is the blob at `path` now, so that its memory can be given back."""

    def files(self) -> Sequence[Storable]:
        """Returns what can be stored ahead: this value, and what lies over it."""
        return (self,)

    def expand(self, key: str) -> dict[str, Media]:
        """Returns what is logged, by key, when this is logged under `key`: itself, unless the kind says more."""
        return {key: self}

    def to_value(self, blobs: BlobStore, key: str, step: int | None) -> Value:
        """Returns the map that a history row holds and makes its blobs durable.

        Args:
            blobs: where the bytes go.
            key: the history key; empty in table cells and artifacts, whose file names hold only the digest.
            step: the step of the row; None in table cells and artifacts.

        Raises:
            OSError: if a blob cannot be written.
        """
        raise NotImplementedError

    def to_content(self, blobs: BlobStore) -> dict[str, Value]:
        """Returns the JSON content of this value's file in an artifact; its `_type` says how to read it back."""
        content: dict[str, Value] = self.to_value(blobs, "", None)
        return content

    def as_stored(self, value: dict[str, Value], blobs: BlobStore) -> Media:
        """Returns the media value that `to_value` has just made `value` of, whatever has happened to this one since."""
        return self.from_value(value, blobs)

    @classmethod
    def from_value(cls, value: dict[str, Value], blobs: BlobStore) -> Media:
        """Returns the media value that `to_value` made `value` of; files are opened on use only.

        Raises:
            StoreError: if the value lacks what this kind needs.
        """
        raise NotImplementedError


def store_ahead(media: Iterable[Media], blobs: BlobStore) -> None:
    """Stores the files of several values at once, waiting for the disk once; their memory is given back.

    Raises:
        OSError: if they cannot be written.
    """
    waiting = (file for one in media for file in one.files())
    while batch := list(islice(waiting, _BATCH)):
        encoded = [(one, data) for one in batch if (data := one.content_bytes()) is not None]
        for (one, _), ref in zip(encoded, put_many(blobs, (data for _, data in encoded)), strict=True):
            one.stored_as(ref.sha256, ref.size_bytes, blobs.path(ref.sha256))


def media_path(folder: str, key: str, step: int | None, digest: str, extension: str) -> str:
    """Returns the name a run lists a media file under, such as `media/images/examples_3_0a1b2c3d4e5f60718293.png`.

    Args:
        folder: kind folder below `media/`.
        key: history key; characters unsafe in file names become `_`. Empty: the name is the digest alone.
        step: step of the row, None with an empty key.
        digest: sha256 of the content, in hex.
        extension: without the dot; may have several parts (`table.json`).
    """
    name = digest[:20] if not key else f"{_UNSAFE.sub('_', key)[:128]}_{0 if step is None else step}_{digest[:20]}"
    return f"media/{folder}/{name}.{extension}"


def store_bytes(
    blobs: BlobStore, data: bytes, folder: str, key: str, step: int | None, extension: str
) -> dict[str, Value]:
    """Puts `data` into the blob store and returns its `sha256`, `size` and `path`."""
    ref = blobs.put_bytes(data)
    return {
        "sha256": ref.sha256,
        "size": ref.size_bytes,
        "path": media_path(folder, key, step, ref.sha256, extension),
    }


def dump_json(value: Value) -> bytes:
    """Returns `value` as compact UTF-8 JSON; equal values give equal bytes.

    JSON knows no NaN and no infinities: they become the texts "NaN", "Infinity" and "-Infinity".
    """
    try:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(spell_nonfinite(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace")


def spell_nonfinite(value: Value) -> Value:
    """Returns `value` with NaN and infinities as texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: spell_nonfinite(item) for key, item in value.items()}
    return [spell_nonfinite(item) for item in value] if isinstance(value, list) else value


def check_text(name: str, value: object) -> str | None:
    """Returns `value` if it is text or None.

    Raises:
        WrongTypeError: otherwise, naming the argument `name`.
    """
    if value is not None and not isinstance(value, str):
        raise WrongTypeError(f"`{name}` must be text or None. Received: {name}={value!r}. Use str(...).")
    return value


def read_file(path: str | Path) -> bytes:
    """Returns the bytes of a file the user named.

    Raises:
        WrongValueError: if there is no such file.
    """
    try:
        return Path(path).read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise WrongValueError(
            f"A media path must name an existing file. Received: path={str(path)!r}. {error}."
        ) from error
