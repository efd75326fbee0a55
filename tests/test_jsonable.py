from __future__ import annotations

import dataclasses
import datetime
import enum
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerascope.jsonable import to_jsonable


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    tags: tuple[str, ...] = ("a",)


class Rude:
    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (2**80, float(2**80)),
        (10**400, hex(10**400)),
        (0.5, 0.5),
        ("a\ud800", "a?"),
        ((1, (2,)), [1, [2]]),
        ({"b", "a"}, ["a", "b"]),
        ({1: {2: 3}}, {"1": {"2": 3}}),
        (Colour.RED, "red"),
        ({Colour.RED: 1}, {"red": 1}),
        (Point(1), {"x": 1, "tags": ["a"]}),
        (SimpleNamespace(a=1), {"a": 1}),
        (Path("a"), "a"),
        (b"x", "x"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (datetime.timedelta(seconds=2), 2.0),
        (np.int8(3), 3),
        (np.array([[1, 2]]), [[1, 2]]),
        (np.float16(0.5), 0.5),
        (Point, "tests.test_jsonable.Point"),
        (Rude(), "<Rude without a text form>"),
    ],
)
def test_values_become_plain_ones(value: Any, stored: Any) -> None:
    assert to_jsonable(value) == stored
    assert type(to_jsonable(value)) is type(stored)


def test_nan_is_kept_and_huge_arrays_are_named() -> None:
    assert math.isnan(to_jsonable(float("nan")))
    assert to_jsonable(np.zeros((200, 200))) == "array of shape (200, 200), dtype float64"


def test_a_structure_that_holds_itself_ends() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert str(to_jsonable(loop)).count("[") == 64


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters())
    | st.binary()
    | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
    max_leaves=10,
)


@given(plain)
def test_the_result_can_always_be_encoded(value: Any) -> None:
    msgspec.msgpack.encode(to_jsonable(value))
