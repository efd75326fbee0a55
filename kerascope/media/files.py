"""Media that are files: what Audio, Video, Html, Plotly and Object3D have in common.

Promises: the bytes are taken when the value is made, so later changes of the file do not matter; the value holds `sha256`, `size`,
`path`, `format` and `caption`. Not for: pictures (`image.py`) and tables (`table.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from kerascope.media.base import Media, Value, check_text, store_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from kerascope.blobs.store import BlobStore


class FileMedia(Media):
    """A file with a caption.

    Args:
        data: the file's bytes.
        format: the file's extension without the dot.
        caption: text below it.
        facts: further fields of the value.
    """

    folder: ClassVar[str] = ""

    def __init__(self, data: bytes, format: str, caption: str | None = None, **facts: Value) -> None:
        self.caption = check_text("caption", caption)
        self.format = format
        self.facts: dict[str, Value] = {name: fact for name, fact in facts.items() if fact is not None}
        self._data: bytes | None = data
        self._path: Path | None = None

    def read_bytes(self) -> bytes:
        """Returns the file's bytes.

        Raises:
            FileNotFoundError: if the value holds no file, or its blob is gone.
        """
        if self._data is not None:
            return self._data
        if self._path is None:
            raise FileNotFoundError("This value holds no file.")
        return self._path.read_bytes()

    @property
    def size_bytes(self) -> int:
        """Memory held until the blob is written."""
        return len(self._data or b"")

    def to_value(self, blobs: BlobStore, key: str, step: int | None) -> dict[str, Value]:
        """Returns the value's map and writes its blob."""
        stored = store_bytes(blobs, self.read_bytes(), self.folder, key, step, self.format)
        caption = {} if self.caption is None else {"caption": self.caption}
        return {"_type": self.kind, **stored, "format": self.format, **caption, **self.facts}

    @classmethod
    def from_value(cls, value: dict[str, Value], blobs: BlobStore) -> Any:
        """Returns the value that `to_value` made `value` of; its file is read when it is asked for."""
        made = cls.__new__(cls)
        FileMedia.__init__(made, b"", value["format"], value.get("caption"))
        made._data, made._path = None, blobs.path(value["sha256"])
        known = ("_type", "sha256", "size", "path", "format", "caption")
        made.facts = {name: fact for name, fact in value.items() if name not in known}
        return made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FileMedia) or type(other) is not type(self):
            return NotImplemented
        alike = (self.format, self.caption, self.facts) == (other.format, other.caption, other.facts)
        return alike and self.read_bytes() == other.read_bytes()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.format}{f', {self.caption!r}' if self.caption else ''})"
