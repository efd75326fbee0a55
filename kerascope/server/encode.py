"""Answers: records as JSON, and series in the binary form of `docs/http_api.md`, which keeps NaN and infinities. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from starlette.responses import Response

from kerascope.query.plain import json_bytes
from kerascope.query.records import Series
from kerascope.server.records import SeriesHeader, SeriesHeaders

SERIES_TYPE = "application/vnd.kerascope.series"


def json_response(record: Any, status: int = 200) -> Response:
    """Returns the answer that carries `record`."""
    return Response(json_bytes(record), status, media_type="application/json", headers={"Cache-Control": "no-store"})


def series_bytes(found: Sequence[Series]) -> bytes:
    """Returns series in the binary form: `u32` header length, JSON header, padding, then float64 columns."""
    headers: list[SeriesHeader] = []
    columns: list[bytes] = []
    offset = 0
    for one in found:
        arrays = {name: np.ascontiguousarray(values, dtype="<f8") for name, values in one.columns.items()}
        count = len(next(iter(arrays.values()), ()))
        headers.append(
            SeriesHeader(
                project=one.project,
                run=one.run,
                key=one.key,
                kind="points" if one.kind == "points" else "buckets",
                count=count,
                total_points=one.total_points,
                columns=tuple(arrays),
                offset=offset,
            )
        )
        columns.extend(array.tobytes() for array in arrays.values())
        offset += 8 * count * len(arrays)
    header = msgspec.json.encode(SeriesHeaders(tuple(headers)))
    header += b" " * (-(4 + len(header)) % 8)
    return b"".join([len(header).to_bytes(4, "little"), header, *columns])
