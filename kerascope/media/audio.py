"""Audio: a sound, from samples or a file. Samples are stored as 16-bit WAV, with the standard library only."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.media.arrays import Array, is_array, to_numpy
from kerascope.media.base import read_file
from kerascope.media.files import FileMedia

FORMATS = ("wav", "mp3", "ogg", "oga", "flac", "m4a", "aac", "opus", "webm")


class Audio(FileMedia):
    """A sound.

    Args:
        data_or_path: samples of shape (frames,) or (frames, channels): floats in [-1, 1] or 16-bit integers; or the path of a
            sound file (wav, mp3, ogg, flac, m4a, aac, opus, webm), which is kept as it is.
        sample_rate: samples per second; needed for samples.
        caption: text below it.

    Raises:
        WrongValueError: if the samples have another shape, are empty or hold NaN, are too many a second for a sound file (2**32
            bytes), or the file is missing or of another kind.
        WrongTypeError: if `sample_rate` is missing or no int >= 1.
    """

    kind: ClassVar[str] = "audio-file"
    folder: ClassVar[str] = "audio"

    def __init__(self, data_or_path: Any, sample_rate: int | None = None, caption: str | None = None) -> None:
        if isinstance(data_or_path, str | Path):
            extension = Path(data_or_path).suffix.lstrip(".").lower()
            if extension not in FORMATS:
                raise WrongValueError(
                    f"A sound file must be one of {', '.join(FORMATS)}. Received: path={str(data_or_path)!r}."
                )
            super().__init__(read_file(data_or_path), extension, caption)
            return
        if isinstance(sample_rate, bool) or not isinstance(sample_rate, int | np.integer) or sample_rate < 1:
            raise WrongTypeError(
                f"Samples need `sample_rate`, an int >= 1. Received: sample_rate={sample_rate!r}. Write Audio(x, sample_rate=16000)."
            )
        samples = to_samples(to_numpy(data_or_path) if is_array(data_or_path) else np.asarray(data_or_path))
        if int(sample_rate) * samples.shape[1] * samples.itemsize >= 2**32:
            raise WrongValueError(
                f"A second of a sound file has less than 2**32 bytes. Received: sample_rate={sample_rate}, {samples.shape[1]} channels."
            )
        facts = {"sample_rate": int(sample_rate), "duration_s": len(samples) / int(sample_rate)}
        super().__init__(encode_wav(samples, int(sample_rate)), "wav", caption, **facts)


def to_samples(array: Array) -> Array:
    """Returns samples as 16-bit integers of shape (frames, channels); floats are clipped to [-1, 1].

    Raises:
        WrongValueError: if the shape or type is no sound.
    """
    if array.ndim not in (1, 2) or array.size == 0 or (array.ndim == 2 and array.shape[1] > 64):
        raise WrongValueError(
            f"Samples must have shape (frames,) or (frames, channels). Received: shape {array.shape}. Transpose it?"
        )
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise WrongValueError("Samples must be finite. Received: NaN or infinity. Use numpy.nan_to_num.")
        array = np.round(np.clip(array.astype(np.float64), -1.0, 1.0) * 32767)
    elif array.dtype.kind not in "iu" or array.min() < -32768 or array.max() > 32767:
        raise WrongValueError(f"Samples must be floats in [-1, 1] or 16-bit integers. Received: dtype {array.dtype}.")
    return array.astype("<i2").reshape(len(array), -1)


def encode_wav(samples: Array, sample_rate: int) -> bytes:
    """Returns int16 samples of shape (frames, channels), `sample_rate` frames a second, as the bytes of a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(np.ascontiguousarray(samples).tobytes())
    return buffer.getvalue()
