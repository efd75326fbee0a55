"""Lists of media values of one kind, logged under one key.

Value: `images/separated` for images, `<kind>/separated` for the rest (`docs/formats/events.md`); a list in which media stand beside
other things stays a list. All items are kept: there is no
limit of 108 as in the original.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from kerascope.errors import WrongValueError
from kerascope.media.base import Media, Value, store_ahead
from kerascope.media.image import Image

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore


class MediaList(Media):
    """Several media values of one class under one key.

    Args:
        items: at least one value, all of the same class.

    Raises:
        WrongValueError: if the list is empty or mixed.
    """

    kind: ClassVar[str] = "separated"

    def __init__(self, items: Sequence[Media]) -> None:
        self.items = list(items)
        if len({type(item) for item in self.items}) != 1:
            kinds = sorted({type(item).__name__ for item in self.items})
            raise WrongValueError(f"A list of media needs items of one class. Received: {kinds or 'an empty list'}.")

    @property
    def size_bytes(self) -> int:
        """Memory held by all items."""
        return sum(item.size_bytes for item in self.items)

    def freeze(self) -> None:
        """Freezes each item."""
        for item in self.items:
            item.freeze()

    def to_value(self, blobs: BlobStore, key: str, step: int | None) -> dict[str, Value]:
        """Returns the batch's map; `captions` is there if any item has one (null for those without)."""
        store_ahead(self.items, blobs)
        values = [item.to_value(blobs, key, step) for item in self.items]
        first = self.items[0]
        kind = "images" if isinstance(first, Image) else first.kind.removesuffix("-file")
        batch: dict[str, Value] = {"_type": f"{kind}/separated", "count": len(values)}
        if isinstance(first, Image):
            batch |= {"width": first.width, "height": first.height, "format": first.format}
        batch["filenames"] = [value.get("path") for value in values]
        captions = [value.get("caption") for value in values]
        if any(caption is not None for caption in captions):
            batch["captions"] = captions
        if isinstance(first, Image) and first.grouping is not None:
            batch["grouping"] = first.grouping
        batch["items"] = values
        return batch


class MixedList(Media):
    """A list in which media of several classes, or media and plain values, stand side by side.

    Args:
        items: plain values and media.
    """

    kind: ClassVar[str] = "list"

    def __init__(self, items: Sequence[Value]) -> None:
        self.items = list(items)

    def _media(self) -> list[Media]:
        return [item for item in self.items if isinstance(item, Media)]

    @property
    def size_bytes(self) -> int:
        """Memory held by all media in it."""
        return sum(item.size_bytes for item in self._media())

    def freeze(self) -> None:
        """Freezes each media value."""
        for item in self._media():
            item.freeze()

    def to_value(self, blobs: BlobStore, key: str, step: int | None) -> list[Value]:
        """Returns the list with each media value as its map."""
        return [item.to_value(blobs, key, step) if isinstance(item, Media) else item for item in self.items]
