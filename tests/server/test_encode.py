"""Laws of the answers' bytes: JSON that keeps what is not finite, and the binary form of series."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kerascope.query.plain import json_bytes
from kerascope.query.records import Series
from kerascope.server.encode import series_bytes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def in_words(value: Any) -> Any:
    """What a reader should see, written without the code under test."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, list | tuple):
        return [in_words(item) for item in value]
    if isinstance(value, dict):
        return {key: in_words(item) for key, item in value.items()}
    return value


@given(VALUES)
def test_json_names_what_is_not_finite_and_keeps_everything_else(value: Any) -> None:
    assert json.loads(json_bytes(value)) == in_words(value)


def parse(data: bytes) -> list[tuple[dict[str, Any], list[np.ndarray]]]:
    """Reads the binary form as `docs/http_api.md` says."""
    length = int.from_bytes(data[:4], "little")
    start = 4 + length
    assert start % 8 == 0
    found = []
    for one in json.loads(data[4:start])["series"]:
        begin = start + one["offset"]
        columns = [
            np.frombuffer(data, "<f8", one["count"], begin + 8 * one["count"] * place)
            for place in range(len(one["columns"]))
        ]
        found.append((one, columns))
    return found


@given(st.lists(st.lists(st.floats(), max_size=20), max_size=5))
def test_series_come_out_of_the_binary_form_as_they_went_in(lists: list[list[float]]) -> None:
    series = []
    for place, values in enumerate(lists):
        numbers = np.array(values, np.float64)
        columns = {"x": np.arange(len(values), dtype=np.float64), "y": numbers}
        if place % 2:
            columns = {"x": columns["x"], "mean": numbers, "min": numbers, "max": numbers}
        series.append(Series("p", f"r{place}", "ключ", "buckets" if place % 2 else "points", len(values), columns))
    found = parse(series_bytes(series))
    assert [one["run"] for one, _ in found] == [one.run for one in series]
    for (header, columns), one in zip(found, series, strict=True):
        assert header["columns"] == list(one.columns)
        for got, wanted in zip(columns, one.columns.values(), strict=True):
            np.testing.assert_array_equal(got, wanted)
