"""Video: moving pictures, from frames or a file.

Limits: frames are stored as GIF (256 colours a frame, times in steps of 10 ms, so at most 50 frames a second are shown), since no
video encoder is needed for it. A file (mp4, webm, ogv, gif) is kept as it is.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.media.arrays import is_array, to_numpy
from kerascope.media.base import Value, read_file
from kerascope.media.files import FileMedia
from kerascope.media.pixels import Pixels, scale_pixels

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore

FORMATS = ("gif", "mp4", "webm", "ogv")


class Video(FileMedia):
    """Moving pictures.

    Args:
        data_or_path: frames of shape (time, channels, height, width), as the original takes them, or (time, height, width,
            channels), told apart by where the 1, 3 or 4 channels are; (time, height, width) is grey. Numbers as for `Image`, scaled
            alike for all frames. Or the path of a gif, mp4, webm or ogv file.
        caption: text below it.
        fps: frames per second, 1 to 50; default 4. Only for frames.
        format: "gif" for frames; for files what they are.

    Raises:
        WrongValueError: if the shape is no video, or the file is missing or of another kind.
        WrongTypeError: if `fps` is no int from 1 to 50.
    """

    kind: ClassVar[str] = "video-file"
    folder: ClassVar[str] = "videos"

    def __init__(
        self, data_or_path: Any, caption: str | None = None, fps: int | None = None, format: str | None = None
    ) -> None:
        self._frames: Pixels | None = None
        if isinstance(data_or_path, str | Path):
            extension = Path(data_or_path).suffix.lstrip(".").lower()
            if extension not in FORMATS:
                raise WrongValueError(
                    f"A video file must be one of {', '.join(FORMATS)}. Received: path={str(data_or_path)!r}."
                )
            super().__init__(read_file(data_or_path), extension, caption)
            return
        if format not in (None, "gif"):
            raise WrongValueError(
                f"Frames are stored as gif. Received: format={format!r}. Encode the video yourself and give its path."
            )
        fps = 4 if fps is None else fps
        if isinstance(fps, bool) or not isinstance(fps, int) or not 1 <= fps <= 50:
            raise WrongTypeError(f"`fps` must be an int from 1 to 50. Received: fps={fps!r}.")
        frames = to_frames(data_or_path)
        facts = {"fps": fps, "frames": len(frames), "width": frames.shape[2], "height": frames.shape[1]}
        super().__init__(b"", "gif", caption, **facts)
        self._frames, self._data = frames, None

    @property
    def size_bytes(self) -> int:
        """Memory held until the file is written."""
        return self._frames.nbytes if self._frames is not None else super().size_bytes

    def read_bytes(self) -> bytes:
        """Returns the file's bytes; frames are encoded now."""
        if self._data is None and self._frames is not None:
            self._data, self._frames = encode_gif(self._frames, int(self.facts["fps"])), None
        return super().read_bytes()

    @classmethod
    def from_value(cls, value: dict[str, Value], blobs: BlobStore) -> Any:
        """Returns the video that `to_value` made `value` of."""
        video = super().from_value(value, blobs)
        video._frames = None
        return video


def to_frames(data: Any) -> Pixels:
    """Returns frames as uint8 of shape (time, height, width) or (time, height, width, 3).

    Raises:
        WrongValueError: if the shape is no video.
    """
    array = to_numpy(data) if is_array(data) else np.asarray(data)
    if array.ndim == 5 and array.shape[0] == 1:
        array = array[0]
    if array.ndim == 4 and array.shape[1] in (1, 3, 4) and array.shape[3] not in (1, 3, 4):
        array = np.moveaxis(array, 1, 3)
    is_colour = array.ndim == 4 and array.shape[3] in (1, 3, 4)
    if not (is_colour or array.ndim == 3) or array.size == 0 or array.dtype.kind not in "biuf":
        raise WrongValueError(
            "Frames must have shape (time, height, width, channels) or (time, channels, height, width) with 1, 3 or 4 channels. "
            f"Received: shape {array.shape}, dtype {array.dtype}."
        )
    pixels, _ = scale_pixels(array)
    if pixels.ndim == 4:
        pixels = pixels[..., 0] if pixels.shape[3] == 1 else pixels[..., :3]
    return pixels


def encode_gif(frames: Pixels, fps: int) -> bytes:
    """Returns frames as an animated GIF that repeats for ever."""
    from PIL import Image as pillow

    pictures = [pillow.fromarray(np.ascontiguousarray(frame)) for frame in frames]
    buffer = io.BytesIO()
    pictures[0].save(
        buffer, "GIF", save_all=True, append_images=pictures[1:], duration=round(1000 / fps), loop=0, optimize=False
    )
    return buffer.getvalue()
