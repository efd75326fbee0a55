"""Video: moving pictures, from frames or a file.

Limits: frames are stored as GIF (256 colours a frame, times in steps of 10 ms, so at most 50 frames a second are shown), since no
video encoder is needed for it. A file (mp4, webm, ogv, gif) is kept as it is.
"""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.media.arrays import Array, is_array, to_numpy
from kerascope.media.base import Value, read_file
from kerascope.media.files import FileMedia
from kerascope.media.pixels import Pixels, scale_pixels
from kerascope.terminal import termwarn

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore

FORMATS = ("gif", "mp4", "webm", "ogv")


class Video(FileMedia):
    """Moving pictures.

    Args:
        data_or_path: frames of shape (time, channels, height, width), as the original takes them, or (time, height, width,
            channels), told apart by where the 1, 3 or 4 channels are; (time, height, width) is grey. Numbers as for `Image`, scaled
            alike for all frames. With a fifth axis in front: several videos, side by side in a grid. Or the path of a gif, mp4, webm or ogv file.
        caption: text below it.
        fps: frames per second, 1 to 50; default 4. Only for frames.
        format: what files are; frames become a gif whatever it says, with a warning for other names.

    Raises:
        WrongValueError: if the shape is no video, there is no such format, or the file is missing or of another kind.
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
        if format not in (None, *FORMATS):
            raise WrongValueError(f"`format` must be one of {', '.join(FORMATS)}. Received: format={format!r}.")
        if format not in (None, "gif"):
            termwarn(
                f"Video: frames are stored as gif, not as {format}. Encode the video yourself and give its path for that.",
                repeat=False,
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
    array = _in_a_grid(array) if array.ndim == 5 and array.size else _channels_last(array)
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


def _channels_last(video: Array) -> Array:
    """(time, channels, height, width) as (time, height, width, channels); anything else as it is."""
    is_first = video.ndim == 4 and video.shape[1] in (1, 3, 4) and video.shape[3] not in (1, 3, 4)
    return np.moveaxis(video, 1, 3) if is_first else video


def _in_a_grid(videos: Array) -> Array:
    """Several videos of one shape as one, row by row in a grid that is as wide as high or a little wider; free places are 0."""
    parts = [_channels_last(video) for video in videos]
    columns = math.ceil(math.sqrt(len(parts)))
    parts += [np.zeros_like(parts[0])] * (-len(parts) % columns)
    rows = [np.concatenate(parts[at : at + columns], axis=2) for at in range(0, len(parts), columns)]
    return np.concatenate(rows, axis=1)


def encode_gif(frames: Pixels, fps: int) -> bytes:
    """Returns frames as the bytes of an animated GIF that repeats for ever.

    Args:
        frames: uint8 of shape (time, height, width) or (time, height, width, 3).
        fps: frames a second, 1 to 50; the format counts in hundredths of a second.
    """
    from PIL import Image as pillow

    pictures = [pillow.fromarray(np.ascontiguousarray(frame)) for frame in frames]
    buffer = io.BytesIO()
    pictures[0].save(
        buffer, "GIF", save_all=True, append_images=pictures[1:], duration=round(1000 / fps), loop=0, optimize=False
    )
    return buffer.getvalue()
