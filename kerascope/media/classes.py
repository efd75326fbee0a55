"""Classes: names of class numbers, shared by masks, boxes and captions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from kerascope.errors import WrongTypeError
from kerascope.media.base import Media, Value, dump_json, store_bytes

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore


class Classes(Media):
    """Names of class numbers.

    Args:
        class_set: maps with `id` (int) and `name` (text).

    Raises:
        WrongTypeError: if it is no list, or an entry lacks one of them.
    """

    heavy: ClassVar[bool] = False
    kind: ClassVar[str] = "classes"

    def __init__(self, class_set: Sequence[Mapping[str, Any]]) -> None:
        if not isinstance(class_set, Iterable):
            raise WrongTypeError(f"Classes must be a list of maps with `id` and `name`. Received: {class_set!r}.")
        class_set = list(class_set)
        for entry in class_set:
            if not isinstance(entry, Mapping) or not _is_int(entry.get("id")) or not isinstance(entry.get("name"), str):
                raise WrongTypeError(
                    "Each class must be a map with `id` (int) and `name` (text). "
                    f"Received: {entry!r}. Write {{'id': 0, 'name': 'cat'}}."
                )
        self.class_set = [{"id": int(entry["id"]), "name": entry["name"]} for entry in class_set]

    @property
    def labels(self) -> dict[int, str]:
        """Class number -> name."""
        return {entry["id"]: entry["name"] for entry in self.class_set}

    def to_value(self, blobs: BlobStore, key: str, step: int | None) -> dict[str, Value]:
        """Returns the map of this value; the names are in it and in a blob."""
        stored = store_bytes(blobs, dump_json(self.class_set), "classes", key, step, "classes.json")
        return {"_type": self.kind, **stored, "class_set": self.class_set}

    @classmethod
    def from_value(cls, value: dict[str, Value], blobs: BlobStore) -> Classes:
        """Returns the classes that `to_value` made `value` of."""
        return cls(value["class_set"])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Classes) and self.class_set == other.class_set

    __hash__ = None  # type: ignore[assignment]


def _is_int(value: object) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool)


def check_labels(name: str, labels: object) -> dict[int, str]:
    """Returns `labels` (a map class number -> name) with plain Python keys and values.

    Raises:
        WrongTypeError: if it is no map from int to text.
    """
    if not isinstance(labels, Mapping) or not all(_is_int(k) and isinstance(v, str) for k, v in labels.items()):
        raise WrongTypeError(
            f"`{name}` must map class numbers to names. Received: {name}={labels!r}. Write {{0: 'cat', 1: 'dog'}}."
        )
    return {int(number): text for number, text in labels.items()}
