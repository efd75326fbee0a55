from __future__ import annotations

import math
from typing import Any, get_args

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerascope.events import types
from kerascope.events.codec import KNOWN, decode, encode, encode_parts
from kerascope.events.types import Config, Event, Heartbeat, Row
from tests.events.samples import EDIT_EVENTS, RUN_EVENTS
from tests.events.strategies import maps, values


def same(a: Any, b: Any) -> bool:
    """Equality in which NaN equals NaN, 1 differs from 1.0, and -0.0 from 0.0."""
    return repr(a) == repr(b)


@given(st.lists(values, max_size=4), st.integers(-(2**63), 2**63 - 1), st.floats(), st.floats())
def test_a_row_comes_back_as_it_was(row: list[Any], step: int, time_s: float, runtime_s: float) -> None:
    event = Row(3, step, time_s, runtime_s, row)
    assert same(decode(encode(event)), event)
    assert encode_parts((5, 3, step, time_s, runtime_s, row)) == encode(event)


@given(maps)
def test_nested_values_come_back_as_they_were(data: dict[str, Any]) -> None:
    assert same(decode(encode(Config(set=data))), Config(set=data))


@pytest.mark.parametrize("event", [*RUN_EVENTS, *EDIT_EVENTS], ids=lambda event: type(event).__name__)
def test_every_kind_of_event_comes_back(event: Event) -> None:
    assert decode(encode(event)) == event


def test_there_is_a_sample_of_every_kind() -> None:
    assert {type(event) for event in (*RUN_EVENTS, *EDIT_EVENTS)} == set(get_args(Event))


@given(st.integers(min_value=2**64, max_value=2**1200) | st.integers(min_value=-(2**1200), max_value=-(2**63) - 1))
def test_an_int_beyond_64_bit_is_kept_as_near_as_can_be(number: int) -> None:
    event = decode(encode(Row(0, 0, 0.0, 0.0, [{"n": [number]}])))
    assert isinstance(event, Row)
    kept = event.values[0]["n"][0]
    try:
        assert kept == float(number)
    except OverflowError:
        assert int(kept, 16) == number


def test_numpy_scalars_and_lone_surrogates_are_made_storable() -> None:
    event = decode(encode(Config(set={"a": np.float32(0.5), "b": np.int64(3), "c": "x\ud800y", "d": np.bool_(True)})))
    assert event == Config(set={"a": 0.5, "b": 3, "c": "x\ufffdy", "d": True})


def test_what_cannot_be_stored_is_refused_with_the_way_out() -> None:
    with pytest.raises(TypeError, match=r"Received: value of type ndarray.*tolist"):
        encode(Config(set={"a": np.zeros(3)}))


def test_a_tag_of_a_newer_writer_decodes_to_none_and_garbage_does_not() -> None:
    for tag in set(range(1, 128)) - KNOWN:
        assert decode(msgspec.msgpack.encode([tag, {"any": "thing"}])) is None
    garbage = [b"", b"\xc1", b"\x90", *map(msgspec.msgpack.encode, ([5, 1], {"a": 1}, [0], [True], [1000], [[1]], "x"))]
    for payload in [*garbage, encode(Heartbeat(1.0))[:-1], encode(Heartbeat(1.0)) + b"\x00"]:
        with pytest.raises(ValueError, match="must hold one event"):
            decode(payload)


@given(st.binary(max_size=60))
def test_any_bytes_either_decode_or_raise_value_error(data: bytes) -> None:
    try:
        event = decode(data)
    except ValueError:
        return
    assert event is None or isinstance(event, get_args(types.Event))


def test_fields_of_a_newer_writer_are_ignored_and_missing_ones_filled_in() -> None:
    assert decode(msgspec.msgpack.encode([3, {"a": 1}, [], "new field"])) == Config(set={"a": 1})
    assert decode(msgspec.msgpack.encode([3])) == Config()
    event = decode(msgspec.msgpack.encode([5, 1, 2, math.inf, 0, []]))
    assert event == Row(1, 2, math.inf, 0.0, [])
