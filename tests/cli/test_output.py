"""Laws of text for people."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerascope.cli.output import clean, duration, number, size, sparkline


@given(st.lists(st.floats(), max_size=200), st.integers(1, 60))
def test_a_sparkline_has_one_bar_a_value_or_as_many_as_there_is_room(values: list[float], width: int) -> None:
    bars = sparkline(values, width)
    assert len(bars) == min(len(values), width)
    assert set(bars) <= set("▁▂▃▄▅▆▇█·")


def test_a_sparkline_rises_with_its_values_and_marks_what_is_not_finite() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([0.0, math.nan, 7.0, math.inf]) == "▁·█·"
    assert sparkline([5.0, 5.0]) == "▁▁"
    assert sparkline([-1e308, 1e308]) != ""
    assert sparkline([]) == ""


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (duration(59.4), "59s"),
        (duration(59.6), "1m 0s"),
        (duration(7384), "2h 3m"),
        (duration(200_000), "2d 7h"),
        (size(999), "999 B"),
        (size(1500), "1.5 kB"),
        (size(20_000_000), "20 MB"),
        (number(0.00001234567), "1.2346e-05"),
        (number(math.nan), "nan"),
        (number(None), ""),
        (number(True), "True"),
        (number({"_type": "histogram"}), "<histogram>"),
        (number([1, math.inf]), '[1,"Infinity"]'),
        (clean("a\x1b[0m\r\u202eb\tc\n"), "a�[0m��b\tc\n"),
    ],
)
def test_short_forms(got: str, wanted: str) -> None:
    assert got == wanted
