"""Events to bytes and back: the msgpack payload of one frame (`docs/formats/events.md`).

Promises: `decode(encode(event)) == event`; NaN and infinities are kept; an event of a newer writer decodes to None instead of
failing. Integers beyond 64 bits become floats (text where a float cannot hold them) and lone surrogates become U+FFFD, since
msgpack knows neither; both are kept rather than refused. Not for: framing, checksums and files (see `runlog/`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, get_args

import msgspec

from kerascope.events.types import Event, Value

TAGS: Final = range(1, 128)
"""Tags that may ever stand first in an event."""


def tag_of(kind: type[msgspec.Struct]) -> int:
    """Returns the tag of an event class."""
    tag = kind.__struct_config__.tag
    if not isinstance(tag, int):
        raise TypeError(f"An event class has an integer tag. Received: {kind.__name__} with tag={tag!r}.")
    return tag


KNOWN: Final = frozenset(tag_of(kind) for kind in get_args(Event))
"""Tags that this version understands."""

_MIN_INT: Final = -(2**63)
_MAX_INT: Final = 2**64 - 1


def _unwrap(value: Any) -> Any:
    """Turns a numpy scalar, or anything like it, into the Python number that msgpack can hold."""
    item = getattr(value, "item", None)
    if item is None or getattr(value, "size", 1) != 1:
        raise TypeError(
            "An event holds None, bool, int, float, str, and lists and maps of these. "
            f"Received: value of type {type(value).__name__}. Convert it first, for example with `.tolist()`."
        )
    return item()


_encoder: Final = msgspec.msgpack.Encoder(enc_hook=_unwrap)
encode_fast: Final[Callable[[Any], bytes]] = _encoder.encode
"""`encode_parts` without the second try: raises OverflowError or UnicodeEncodeError for what msgpack cannot hold."""

_decoder: Final[msgspec.msgpack.Decoder[Event]] = msgspec.msgpack.Decoder(Event)
_decode_any: Final[Callable[[bytes], Any]] = msgspec.msgpack.Decoder().decode


def encode(event: Event) -> bytes:
    """Returns the msgpack payload of `event`.

    Raises:
        TypeError: if a value is not of the kinds that `docs/formats/events.md` names (numpy scalars are converted).
    """
    return encode_parts(event)


def encode_parts(parts: Any) -> bytes:
    """Returns the payload of an event given as a struct or as the equal tuple `(tag, field, ...)`, which is faster to make."""
    try:
        return _encoder.encode(parts)
    except (OverflowError, UnicodeEncodeError):
        return _encoder.encode(_representable(msgspec.to_builtins(parts, builtin_types=(bytes,), enc_hook=_unwrap)))


def decode(payload: bytes | memoryview) -> Event | None:
    """Returns the event in `payload`, or None if its tag is not known here (a newer writer).

    Raises:
        ValueError: if the payload is no event.
    """
    try:
        return _decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        if _has_unknown_tag(payload):
            return None
        raise ValueError(f"A frame must hold one event. Received: {len(payload)} bytes ({error}).") from error


def _has_unknown_tag(payload: bytes | memoryview) -> bool:
    try:
        parts = _decode_any(bytes(payload))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return (
        isinstance(parts, list)
        and len(parts) > 0
        and type(parts[0]) is int
        and parts[0] in TAGS
        and parts[0] not in KNOWN
    )


def _representable(value: Value) -> Value:
    """Returns `value` with all that msgpack cannot hold replaced by the nearest that it can."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, int) and not _MIN_INT <= value <= _MAX_INT:
        try:
            return float(value)
        except OverflowError:
            return f"{'-' if value < 0 else ''}0x{abs(value):x}"
    if isinstance(value, dict):
        return {_representable(key): _representable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_representable(item) for item in value]
    return value
