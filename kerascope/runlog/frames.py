"""Finds the frames in bytes of a segment: the reading rules of `docs/formats/run_log.md`, without any file.

Promises: pure; every whole frame before and after damage is found; what is left out is named. Not for: what payloads mean.
"""

from __future__ import annotations

import zlib
from typing import Final, NamedTuple

import numpy as np

from kerascope.events.codec import TAGS, decode
from kerascope.runlog.format import HEADER, HEADER_SIZE, MAGIC, MAX_PAYLOAD, checksum

_SEARCH_WINDOW: Final = 1 << 18
_ARRAY_16: Final = 0xDC  # msgpack: array with a 16-bit length follows
_FIX_ARRAY: Final = (0x91, 0x9F)  # msgpack: array of 1 to 15 items


class Damage(NamedTuple):
    """Bytes that hold no whole frame though they should."""

    offset: int
    size_bytes: int
    reason: str


class TornTail(NamedTuple):
    """A frame that was begun at the end of the file; it may be complete a moment later."""

    offset: int
    size_bytes: int


class Frames(NamedTuple):
    """What stands in a piece of a segment.

    Attributes:
        payloads: offset of the frame in the file, and its payload.
        next_offset: where to read on. In front of a torn tail, and in front of damage that nothing whole follows (yet).
        damage: what was left out. Entries at or after `next_offset` are seen again by the next reading.
        torn: the torn tail, if the file ends in one.
    """

    payloads: list[tuple[int, bytes]]
    next_offset: int
    damage: tuple[Damage, ...]
    torn: TornTail | None


def split(data: bytes, base: int, at_end: bool) -> Frames:
    """Returns the frames in `data`.

    Args:
        data: bytes of the file from `base` on.
        base: offset of `data` in the file; 0, or a `next_offset` of an earlier call.
        at_end: whether the file ends with `data`. If not, a frame that is cut off by the end of `data` is left for the next call.
    """
    payloads: list[tuple[int, bytes]] = []
    damage: list[Damage] = []
    pos = 0
    if base == 0 and data.startswith(MAGIC):
        pos = len(MAGIC)
    elif base == 0:
        following = _first_whole(data, 0)
        if following is None:
            return _unbegun(data, at_end)
        damage.append(Damage(0, following, _no_magic(data)))
        pos = following
    size = len(data)
    unpack, header_size, crc32 = HEADER.unpack_from, HEADER_SIZE, zlib.crc32
    while True:
        # The inner loop is the hot path of every reader: whole frames, one after the other.
        while pos + header_size <= size:
            length, crc = unpack(data, pos)
            end = pos + header_size + length
            if end > size or not 0 < length <= MAX_PAYLOAD:
                break
            payload = data[pos + header_size : end]
            if crc32(payload, length) != crc:
                break
            payloads.append((base + pos, payload))
            pos = end
        if pos == size or (not at_end and _is_cut_off(data, pos)):
            return Frames(payloads, base + pos, tuple(damage), None)
        following = _after_damage(data, pos)
        if following is None and not at_end:
            return Frames(payloads, base + pos, tuple(damage), None)
        if following is None:
            return _unfinished(payloads, damage, data, base, pos)
        damage.append(Damage(base + pos, following - pos, _reason(data, pos)))
        pos = following


def _unfinished(payloads: list[tuple[int, bytes]], damage: list[Damage], data: bytes, base: int, pos: int) -> Frames:
    """The answer when nothing whole follows `pos`: a torn tail if it is no longer than the frame it announces."""
    rest = len(data) - pos
    if rest <= _announced_size(data, pos):
        return Frames(payloads, base + pos, tuple(damage), TornTail(base + pos, rest))
    damage.append(Damage(base + pos, rest, _reason(data, pos)))
    return Frames(payloads, base + pos, tuple(damage), None)


def _unbegun(data: bytes, at_end: bool) -> Frames:
    """The answer when a file does not begin like a segment and holds no whole frame."""
    if not at_end or not data:
        return Frames([], 0, (), None)
    if MAGIC.startswith(data):
        return Frames([], 0, (), TornTail(0, len(data)))
    return Frames([], 0, (Damage(0, len(data), _no_magic(data)),), None)


def _announced_size(data: bytes, pos: int) -> int:
    if len(data) - pos < HEADER_SIZE:
        return HEADER_SIZE
    length = HEADER.unpack_from(data, pos)[0]
    return HEADER_SIZE + length if 0 < length <= MAX_PAYLOAD else 0


def _is_cut_off(data: bytes, pos: int) -> bool:
    """Whether the frame at `pos` may be whole once more of the file is read."""
    return _announced_size(data, pos) > len(data) - pos


def _after_damage(data: bytes, pos: int) -> int | None:
    """The offset of the next whole frame after the bad one at `pos`."""
    announced = _announced_size(data, pos)
    if announced and _is_whole(data, pos + announced):
        return pos + announced
    return _first_whole(data, pos + 1)


def _is_whole(data: bytes, pos: int) -> bool:
    if pos + HEADER_SIZE > len(data):
        return False
    length, crc = HEADER.unpack_from(data, pos)
    if not 0 < length <= min(MAX_PAYLOAD, len(data) - pos - HEADER_SIZE):
        return False
    payload = memoryview(data)[pos + HEADER_SIZE : pos + HEADER_SIZE + length]
    if checksum(payload) != crc:
        return False
    try:
        decode(payload)
    except ValueError:
        return False
    return True


def _first_whole(data: bytes, start: int) -> int | None:
    """The first offset from `start` on at which a whole frame stands: every offset is tried, the plausible ones in full."""
    for window in range(start, len(data) - HEADER_SIZE, _SEARCH_WINDOW):
        for pos in _plausible(data, window, min(window + _SEARCH_WINDOW, len(data) - HEADER_SIZE)):
            if _is_whole(data, pos):
                return pos
    return None


def _plausible(data: bytes, start: int, stop: int) -> list[int]:
    """The offsets in `start <= pos < stop` whose length fits and whose payload begins like an event: an array and a tag."""
    raw = np.frombuffer(data, np.uint8)
    offsets = np.arange(start, stop)
    length = sum(raw[start + i : stop + i].astype(np.int64) << (8 * i) for i in range(4))
    first = raw[start + HEADER_SIZE : stop + HEADER_SIZE]
    fits = (length > 0) & (length <= MAX_PAYLOAD) & (offsets + HEADER_SIZE + length <= len(data))
    begins = ((first >= _FIX_ARRAY[0]) & (first <= _FIX_ARRAY[1])) | (first == _ARRAY_16)
    found: list[int] = offsets[fits & begins].tolist()
    return [pos for pos in found if _tag_at(data, pos + HEADER_SIZE) in TAGS]


def _tag_at(data: bytes, payload: int) -> int:
    tag = payload + (3 if data[payload] == _ARRAY_16 else 1)
    return data[tag] if tag < len(data) else 0


def _no_magic(data: bytes) -> str:
    if data[:5] == MAGIC[:5] and data[6:8] == MAGIC[6:]:
        return f"the file says format version {data[5]}; this reader knows version {MAGIC[5]}"
    return "the file does not begin with the magic bytes of a segment"


def _reason(data: bytes, pos: int) -> str:
    if len(data) - pos < HEADER_SIZE:
        return "the rest is shorter than the head of a frame"
    announced = _announced_size(data, pos)
    if not announced:
        return f"a frame announces {HEADER.unpack_from(data, pos)[0]} bytes, which is out of range"
    if announced > len(data) - pos:
        return "a frame announces more bytes than there are"
    return "the checksum of a frame is wrong"
