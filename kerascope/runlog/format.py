"""Shared constants of the segment format: see `docs/formats/run_log.md`, version 1."""

from __future__ import annotations

import struct
import zlib
from typing import Final

FORMAT_VERSION: Final = 1
MAGIC: Final = b"KSLOG\x01\r\n"
HEADER: Final = struct.Struct("<II")
"""Length and checksum of a payload, little-endian."""

HEADER_SIZE: Final = HEADER.size
MAX_PAYLOAD: Final = 64 * 1024 * 1024
KEYS_REPEAT: Final = 4096
"""After so many rows each key set is written again before it is used, so that damage stays local."""


def checksum(payload: bytes | memoryview) -> int:
    """Returns the checksum of a frame; the length seeds it, so that a wrong length is found as well."""
    return zlib.crc32(payload, len(payload))


def frame(payload: bytes) -> bytes:
    """Returns `payload` as a frame: length, checksum, payload.

    Raises:
        ValueError: if the payload is empty or longer than 64 MiB.
    """
    size = len(payload)
    if not 0 < size <= MAX_PAYLOAD:
        raise ValueError(
            f"A record must be 1 to {MAX_PAYLOAD} bytes. Received: {size} bytes. Log large values as media or artifacts."
        )
    return HEADER.pack(size, zlib.crc32(payload, size)) + payload
