"""Image: a picture with caption, masks and boxes.

Promises: pixels are captured and checked at construction, so later changes of the array or file do not matter; encoding happens in
`to_value`. Numbers become pixels by the rule of `pixels.py`. Value: `_type` `image-file` (`docs/media.md`).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.media import png
from kerascope.media.arrays import is_array, package_of, to_numpy
from kerascope.media.base import Media, Storable, Value, check_text, media_path, read_file
from kerascope.media.classes import Classes
from kerascope.media.overlays import Boxes, Mask
from kerascope.media.pixels import MAX_DIMENSION, Pixels, to_pixels
from kerascope.terminal import termwarn

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from kerascope.blobs.store import BlobStore

_KEPT_FORMATS = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp", "BMP": "bmp"}


class Image(Media):
    """A picture.

    Args:
        data_or_path: array or tensor of shape (height, width) or (height, width, channels) with 1, 3 or 4 channels (torch:
            channels first), a Pillow image, a matplotlib figure, the path of a picture, or another Image (whose pixels are taken).
            Numbers or booleans of any dtype become uint8: where all lie in 0..1 they are multiplied by 255, where all lie in
            -1..1 they become (x + 1) * 127.5, others are clipped to 0..255. NaN becomes 0.
        mode: Pillow mode to convert to, such as "L" or "RGB"; default: by the number of channels.
        caption: text below the picture.
        grouping: how many pictures of a list belong together, counted from this one.
        classes: `Classes`, or maps with `id` and `name`: names for masks and boxes that bring none.
        boxes: layer name -> {`box_data`: maps, `class_labels`: {number: name}}. Each map holds `class_id` and `position`: `minX`,
            `maxX`, `minY` and `maxY`, or `middle` (x, y), `width` and `height`, as fractions of the picture, or in pixels with
            `domain` "pixel"; and if wished `scores` (name -> number) and `box_caption`.
        masks: layer name -> {`mask_data`: integers 0..255 of shape (height, width), `class_labels`: {number: name}}; or `path` of a
            grey picture in place of `mask_data`.
        file_type: png, jpg, jpeg or bmp; default: png for arrays, unchanged for files.
        normalize: False: numbers are pixels already (0..255) and are not scaled.

    Raises:
        WrongValueError: if the data are no picture, `file_type` is unknown, or pixels leave 0..255 with `normalize=False`.
        WrongTypeError: if masks, boxes, classes or caption have another form.
    """

    MAX_DIMENSION: ClassVar[int] = MAX_DIMENSION
    kind: ClassVar[str] = "image-file"

    def __init__(
        self,
        data_or_path: Any,
        mode: str | None = None,
        caption: str | None = None,
        grouping: int | None = None,
        classes: Classes | Sequence[Mapping[str, Any]] | None = None,
        boxes: Mapping[str, Any] | None = None,
        masks: Mapping[str, Any] | None = None,
        file_type: str | None = None,
        normalize: bool = True,
    ) -> None:
        self.caption = check_text("caption", caption)
        self.grouping = _check_grouping(grouping)
        self.classes = classes if isinstance(classes, Classes) or classes is None else Classes(classes)
        self.boxes = {name: Boxes(name, spec) for name, spec in _layers("boxes", boxes)}
        self.masks = {name: Mask(name, spec) for name, spec in _layers("masks", masks)}
        self._name_classes()
        self._pixels: Pixels | None = None
        self._encoded: bytes | None = None
        self._stored: tuple[str, int] | None = None
        self._path: Path | None = None
        self.format = _check_file_type(file_type) or "png"
        self.width = self.height = 0
        self._capture(data_or_path, normalize, _check_file_type(file_type))
        if mode is not None:
            self._convert_mode(mode)

    def _name_classes(self) -> None:
        if self.classes is None:
            return
        layers: list[Mask | Boxes] = [*self.masks.values(), *self.boxes.values()]
        for layer in layers:
            if not layer.has_labels:
                layer.labels, layer.has_labels = self.classes.labels, True

    # -- capture ------------------------------------------------------------------------------------------------------------

    def _capture(self, source: Any, normalize: bool, file_type: str | None) -> None:
        package = package_of(source)
        if isinstance(source, Image):
            self._set_pixels(source.pixels.copy())
        elif isinstance(source, str | Path):
            self._set_encoded(read_file(source), file_type)
        elif package == "PIL":
            self._set_pixels(png.picture_pixels(source))
        elif package == "matplotlib" or getattr(source, "__name__", "") == "matplotlib.pyplot":
            self._set_encoded(figure_png(source), file_type)
        elif is_array(source) or hasattr(source, "numpy") or isinstance(source, list | tuple):
            array = to_numpy(source if is_array(source) or isinstance(source, list | tuple) else source.numpy())
            pixels, odd = to_pixels(array, channels_first=package == "torch", normalize=normalize)
            for text in odd:
                termwarn(f"Image: {text}.", repeat=False)
            self._set_pixels(pixels)
        else:
            raise WrongValueError(
                "An image must be an array, tensor, Pillow image, matplotlib figure, path or Image. "
                f"Received: {type(source).__name__}."
            )

    def _set_pixels(self, pixels: Pixels) -> None:
        self._pixels, self._encoded = pixels, None
        self.height, self.width = pixels.shape[:2]

    def _set_encoded(self, data: bytes, file_type: str | None) -> None:
        picture = png.open_picture(data)
        kept = _KEPT_FORMATS.get(picture.format or "")
        if kept is None or file_type not in (None, kept):
            self._set_pixels(png.picture_pixels(picture))
            return
        self._encoded, self.format = data, kept
        self.width, self.height = picture.size

    def _convert_mode(self, mode: str) -> None:
        try:
            converted = self.image.convert(mode)
        except (ValueError, KeyError) as error:
            raise WrongValueError(
                f"`mode` must be a Pillow mode such as 'L' or 'RGB'. Received: mode={mode!r}."
            ) from error
        self.format = self.format if self.format in png.FORMATS else "png"
        self._set_pixels(png.picture_pixels(converted))

    # -- reading ------------------------------------------------------------------------------------------------------------

    # The worker may give the memory back at any time, so each method looks at a field once.

    @property
    def pixels(self) -> Pixels:
        """The pixels: uint8, (height, width) or (height, width, 3 or 4), 0..255."""
        pixels = self._pixels
        return png.decode(self._bytes()) if pixels is None else pixels

    @property
    def image(self) -> Picture:
        """The picture as a Pillow image."""
        pixels = self._pixels
        return png.open_picture(self._bytes()) if pixels is None else png.to_picture(pixels)

    def _bytes(self) -> bytes:
        encoded, pixels = self._encoded, self._pixels
        if encoded is not None:
            return encoded
        if pixels is not None:
            return png.encode(pixels, self.format)
        if self._path is None:
            raise WrongValueError("This image holds no pixels.")
        return self._path.read_bytes()

    @property
    def size_bytes(self) -> int:
        """Memory held until the blobs are written."""
        pixels = self._pixels
        held = pixels.nbytes if pixels is not None else len(self._encoded or b"")
        return held + sum(mask.size_bytes for mask in self.masks.values())

    # -- values -------------------------------------------------------------------------------------------------------------

    def content_bytes(self) -> bytes | None:
        """Returns the encoded picture, None if it is stored already."""
        return None if self._stored is not None else self._bytes()

    def stored_as(self, sha256: str, size_bytes: int, path: Path) -> None:
        """Gives the pixels' memory back; from now on they are read from the blob."""
        self._stored, self._path = (sha256, size_bytes), path
        self._pixels = self._encoded = None

    def files(self) -> Sequence[Storable]:
        """Returns the picture and its masks."""
        return (self, *self.masks.values())

    def to_value(self, blobs: BlobStore, key: str, step: int | None) -> dict[str, Value]:
        """Returns the `image-file` map; encodes the picture and its masks unless the store has them already."""
        sha256, size = self._store(blobs)
        value: dict[str, Value] = {
            "_type": self.kind,
            "sha256": sha256,
            "size": size,
            "path": media_path("images", key, step, sha256, self.format),
            "format": self.format,
            "width": self.width,
            "height": self.height,
        }
        value |= {name: item for name in ("caption", "grouping") if (item := getattr(self, name)) is not None}
        if self.masks:
            value["masks"] = {name: mask.to_value(blobs, key, step) for name, mask in self.masks.items()}
        if self.boxes:
            value["boxes"] = {name: layer.to_value() for name, layer in self.boxes.items()}
        return value

    def _store(self, blobs: BlobStore) -> tuple[str, int]:
        if self._stored is not None and blobs.has(self._stored[0]):
            return self._stored
        ref = blobs.put_bytes(self._bytes())
        self.stored_as(ref.sha256, ref.size_bytes, blobs.path(ref.sha256))
        return ref.sha256, ref.size_bytes

    @classmethod
    def from_value(cls, value: dict[str, Value], blobs: BlobStore) -> Image:
        """Returns the image that `to_value` made `value` of; its file is read when pixels are asked for."""
        image = cls.__new__(cls)
        image.caption, image.grouping, image.classes = value.get("caption"), value.get("grouping"), None
        image._pixels = image._encoded = None
        image._stored = (value["sha256"], value["size"])
        image._path = blobs.path(value["sha256"])
        image.format, image.width, image.height = value["format"], value["width"], value["height"]
        image.masks = {
            name: Mask(name, {"path": blobs.path(mask["sha256"]), "class_labels": _numbered(mask["class_labels"])})
            for name, mask in value.get("masks", {}).items()
        }
        image.boxes = {
            name: Boxes(name, {"box_data": layer["box_data"], "class_labels": _numbered(layer["class_labels"])})
            for name, layer in value.get("boxes", {}).items()
        }
        return image

    def __eq__(self, other: object) -> bool:
        """Same pixels, caption, masks and boxes."""
        if not isinstance(other, Image):
            return NotImplemented
        alike = (self.width, self.height, self.caption, self.grouping) == (
            other.width,
            other.height,
            other.caption,
            other.grouping,
        )
        same_file = self._stored is not None and self._stored == other._stored
        return (
            alike
            and self.masks == other.masks
            and self.boxes == other.boxes
            and (same_file or np.array_equal(self.pixels, other.pixels))
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Image({self.width}x{self.height}{f', {self.caption!r}' if self.caption else ''})"


def _numbered(labels: Mapping[str, str]) -> dict[int, str]:
    return {int(number): text for number, text in labels.items()}


def _layers(name: str, layers: Any) -> list[tuple[str, Any]]:
    if layers is None:
        return []
    if not isinstance(layers, Mapping) or not all(isinstance(key, str) for key in layers):
        raise WrongTypeError(f"`{name}` must map layer names to layers. Received: {name}={type(layers).__name__}.")
    return list(layers.items())


def _check_grouping(grouping: object) -> int | None:
    if grouping is not None and (isinstance(grouping, bool) or not isinstance(grouping, int) or grouping < 1):
        raise WrongTypeError(f"`grouping` must be an int >= 1 or None. Received: grouping={grouping!r}.")
    return grouping


def _check_file_type(file_type: str | None) -> str | None:
    if file_type is None:
        return None
    if file_type not in png.FORMATS:
        raise WrongValueError(f"`file_type` must be png, jpg, jpeg or bmp. Received: file_type={file_type!r}.")
    return "jpg" if file_type == "jpeg" else file_type


def figure_png(source: Any) -> bytes:
    """Returns a matplotlib figure (or the figure of an axes, or the current one of pyplot) as the bytes of a PNG file.

    Raises:
        WrongValueError: if `source` is none of these.
    """
    figure = source.gcf() if hasattr(source, "gcf") else getattr(source, "figure", None) or source
    if not hasattr(figure, "savefig"):
        raise WrongValueError(f"A matplotlib figure, axes or pyplot is needed. Received: {type(source).__name__}.")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
