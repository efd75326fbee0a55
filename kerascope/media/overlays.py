"""What lies over an image: masks (a class number per pixel) and bounding boxes.

Promises: checked and copied at construction. Values (`docs/media.md`): a mask is a grey PNG blob whose pixel is the class number;
boxes are part of the image's value. Not for: drawing, which is the reader's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.media.arrays import is_array, to_numpy
from kerascope.media.base import Value, media_path, read_file
from kerascope.media.classes import check_labels
from kerascope.media.pixels import Pixels

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore

_CORNERS = ("minX", "maxX", "minY", "maxY")


class Mask:
    """Class numbers per pixel.

    Args:
        name: the layer's name.
        spec: map with `mask_data` (2-D integers 0..255) or `path` (a grey picture), and optionally `class_labels`.

    Raises:
        WrongTypeError: if the data are no 2-D integers from 0 to 255.
    """

    def __init__(self, name: str, spec: Mapping[str, Any]) -> None:
        if not isinstance(spec, Mapping) or ("mask_data" in spec) == ("path" in spec):
            raise WrongTypeError(
                f"Mask {name!r} must be a map with either `mask_data` or `path`. Received: {_keys(spec)}."
            )
        self.name = name
        self._pixels: Pixels | None = (
            _mask_pixels(name, spec["mask_data"]) if "mask_data" in spec else _mask_file(spec["path"])
        )
        self._numbers: list[int] = np.unique(self._pixels).tolist()
        self._stored: tuple[str, int] | None = None
        self._path: Path | None = None
        given = spec.get("class_labels")
        self.has_labels = given is not None
        self.labels = check_labels("class_labels", given) if given is not None else {}

    @property
    def pixels(self) -> Pixels:
        """The class numbers: uint8, (height, width)."""
        pixels = self._pixels  # looked at once: the worker may give the memory back at any time
        return _mask_file(self._path) if pixels is None and self._path is not None else np.asarray(pixels)

    @property
    def size_bytes(self) -> int:
        """Memory held until the mask is stored."""
        pixels = self._pixels
        return 0 if pixels is None else pixels.nbytes

    def content_bytes(self) -> bytes | None:
        """Returns the mask as PNG, None if it is stored already."""
        from kerascope.media.png import encode

        return None if self._stored is not None else encode(self.pixels, "png")

    def stored_as(self, sha256: str, size_bytes: int, path: Path) -> None:
        """Gives the memory back; from now on the mask is read from the blob."""
        self._stored, self._path = (sha256, size_bytes), path
        self._pixels = None

    def to_value(self, blobs: BlobStore, key: str, step: int | None) -> dict[str, Value]:
        """Returns the mask's map; writes its PNG blob unless the store has it already."""
        from kerascope.media.png import encode

        if self._stored is not None and blobs.has(self._stored[0]):
            sha256, size = self._stored
        else:
            ref = blobs.put_bytes(encode(self.pixels, "png"))
            sha256, size = ref.sha256, ref.size_bytes
            self.stored_as(sha256, size, blobs.path(sha256))
        path = media_path("images/mask", key, step, sha256, "mask.png")
        labels = self.labels or {number: f"class_{number}" for number in self._numbers}
        stored = {"sha256": sha256, "size": size, "path": path}
        return {"_type": "mask", **stored, "class_labels": {str(number): text for number, text in labels.items()}}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mask) and self.labels == other.labels and np.array_equal(self.pixels, other.pixels)

    __hash__ = None  # type: ignore[assignment]


def _keys(spec: object) -> object:
    return sorted(map(str, spec)) if isinstance(spec, Mapping) else type(spec).__name__


def _mask_pixels(name: str, data: Any) -> Pixels:
    array = to_numpy(data) if is_array(data) else np.asarray(data)
    if array.ndim == 3 and 1 in (array.shape[0], array.shape[2]):
        array = array[0] if array.shape[0] == 1 else array[:, :, 0]
    if array.ndim != 2 or array.dtype.kind not in "biu":
        raise WrongTypeError(
            f"`mask_data` of mask {name!r} must be 2-D integers. Received: shape {array.shape}, dtype {array.dtype}. "
            "Use argmax over the classes and astype('uint8')."
        )
    if array.size and (int(array.min()) < 0 or int(array.max()) > 255):
        raise WrongTypeError(
            f"`mask_data` of mask {name!r} must lie in 0..255. Received: {array.min()} to {array.max()}."
        )
    return array.astype(np.uint8)


def _mask_file(path: str | Path) -> Pixels:
    from kerascope.media.png import decode

    pixels = decode(read_file(path))
    return pixels if pixels.ndim == 2 else pixels[:, :, 0].copy()


class Boxes:
    """Bounding boxes of one layer.

    Args:
        name: the layer's name.
        spec: map with `box_data` (list of maps: `position`, `class_id`, optional `domain`, `scores`, `box_caption`) and
            optionally `class_labels`. `position` holds minX, maxX, minY, maxY, or middle (x, y), width and height; as fractions
            of the image, or in pixels with `domain` "pixel".

    Raises:
        WrongTypeError: if a box has another form.
    """

    def __init__(self, name: str, spec: Mapping[str, Any]) -> None:
        if not isinstance(spec, Mapping) or not isinstance(spec.get("box_data"), list | tuple):
            raise WrongTypeError(f"Boxes {name!r} must be a map with a list `box_data`. Received: {_keys(spec)}.")
        self.name = name
        self.boxes = [_check_box(name, box) for box in spec["box_data"]]
        given = spec.get("class_labels")
        self.has_labels = given is not None
        self.labels = check_labels("class_labels", given) if given is not None else {}

    def to_value(self) -> dict[str, Value]:
        """Returns the layer's map; nothing is written."""
        numbers = sorted({box["class_id"] for box in self.boxes if "class_id" in box})
        labels = self.labels or {number: f"class_{number}" for number in numbers}
        return {
            "_type": "boxes2D",
            "box_data": self.boxes,
            "class_labels": {str(number): text for number, text in labels.items()},
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Boxes) and self.to_value() == other.to_value()

    __hash__ = None  # type: ignore[assignment]


def _check_box(name: str, box: Any) -> dict[str, Value]:
    if not isinstance(box, Mapping) or not isinstance(box.get("position"), Mapping):
        raise WrongTypeError(f"Each box of {name!r} must be a map with a map `position`. Received: {_keys(box)}.")
    checked: dict[str, Value] = {"position": _check_position(name, box["position"])}
    if box.get("domain") is not None:
        if box["domain"] != "pixel":
            raise WrongValueError(
                f"`domain` of a box must be 'pixel' or absent (fractions of the image). Received: domain={box['domain']!r}."
            )
        checked["domain"] = "pixel"
    if box.get("class_id") is not None:
        checked["class_id"] = _whole(name, box["class_id"])
    if box.get("scores") is not None:
        checked["scores"] = {str(key): _number(name, "scores", value) for key, value in dict(box["scores"]).items()}
    if box.get("box_caption") is not None:
        checked["box_caption"] = str(box["box_caption"])
    return checked


def _check_position(name: str, position: Mapping[str, Any]) -> dict[str, Value]:
    if set(position) == set(_CORNERS):
        return {corner: _number(name, corner, position[corner]) for corner in _CORNERS}
    if set(position) == {"middle", "width", "height"} and np.shape(position["middle"]) == (2,):
        return {
            "middle": [_number(name, "middle", part) for part in position["middle"]],
            "width": _number(name, "width", position["width"]),
            "height": _number(name, "height", position["height"]),
        }
    raise WrongTypeError(
        f"`position` of a box of {name!r} must hold minX, maxX, minY, maxY, or middle (x, y), width, height. "
        f"Received: {_keys(position)}."
    )


def _number(name: str, field: str, value: Any) -> float | int:
    value = to_numpy(value).item() if is_array(value) else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongTypeError(f"`{field}` of a box of {name!r} must be a number. Received: {value!r}.")
    return value


def _whole(name: str, value: Any) -> int:
    number = _number(name, "class_id", value)
    if not isinstance(number, int):
        raise WrongTypeError(f"`class_id` of a box of {name!r} must be an int. Received: class_id={value!r}.")
    return number
