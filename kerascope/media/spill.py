"""Arrays that live in a file instead of in memory: for tables of more data than memory holds.

Promises: what comes back is equal, read-only, and paged in on use only; the file has no name and goes with the last array, also when the
process is killed. Not for: anything that shall be found again (see `table_file.py`).
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
_ALIGNMENT = 64


def spilled(arrays: Sequence[Array], folder: Path) -> list[Array]:
    """Returns arrays equal to `arrays` whose memory is a nameless file in `folder`.

    Raises:
        OSError: if the disk refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    starts: list[int] = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for array in arrays:
            file.write(b"\0" * (-file.tell() % _ALIGNMENT))
            starts.append(file.tell())
            file.write(np.ascontiguousarray(array).tobytes())
        file.write(b"\0")  # an empty file cannot be mapped
        file.flush()
        memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return [
        np.frombuffer(memory, array.dtype, array.size, start).reshape(array.shape)
        for array, start in zip(arrays, starts, strict=True)
    ]


def can_spill(value: object) -> bool:
    """Says whether `value` is an array that holds memory of its own; one that was spilled is read-only."""
    return isinstance(value, np.ndarray) and value.dtype.kind in "biufcM" and value.flags.writeable
