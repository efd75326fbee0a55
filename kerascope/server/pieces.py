"""Files that lie in the store in pieces (a later version of a checkpoint), sent as one; a range of them may be asked for.

Promises: the same headers and the same sandbox as whole files have; one range of bytes is answered, several get the whole file, which
the protocol allows. Not for: files that are one blob (`user_files.py` sends those).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from starlette.responses import Response, StreamingResponse

from kerascope.artifacts.content import EntryFile
from kerascope.artifacts.manifest import Entry
from kerascope.blobs.store import BlobStore
from kerascope.server.user_files import file_headers

_BLOCK = 1 << 20
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


def send_pieces(
    blobs: BlobStore, entry: Entry, media_type: str, name: str | None, caching: str, wanted: str | None
) -> Response:
    """Returns the answer that carries an entry put together from its pieces.

    Args:
        blobs: Where the pieces are.
        entry: What to send; no reference.
        media_type: One of `SAFE_TYPES`.
        name: Name to download it under; None to show it.
        caching: The `Cache-Control` header.
        wanted: The `Range` header of the request.

    Raises:
        NotFoundError: if a piece is missing.
    """
    size = sum(piece.size for piece in entry.pieces)
    for digest in {piece.sha256 for piece in entry.pieces}:
        blobs.open(digest).close()
    headers = file_headers(media_type, name, caching) | {"accept-ranges": "bytes", "etag": f'"{entry.sha256}"'}
    found = _range(wanted, size)
    if found is None:
        start, end, status = 0, size, 200
    elif found[0] >= found[1]:
        return Response(status_code=416, headers={"content-range": f"bytes */{size}"})
    else:
        (start, end), status = found, 206
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    headers["content-length"] = str(end - start)
    return StreamingResponse(_blocks(blobs, entry, start, end), status, headers)


def _range(wanted: str | None, size: int) -> tuple[int, int] | None:
    """The bytes that a `Range` header asks for, None for all; start >= end where there are none."""
    match = _RANGE.match(wanted or "")
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size


def _blocks(blobs: BlobStore, entry: Entry, start: int, end: int) -> Iterator[bytes]:
    with EntryFile(blobs, entry) as file:
        file.seek(start)
        while start < end:
            block = file.read(min(_BLOCK, end - start))
            if not block:
                return
            start += len(block)
            yield block
