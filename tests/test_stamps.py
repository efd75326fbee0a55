from __future__ import annotations

import time

import pytest

from kerascope.stamps import SETTLE_S, is_settled

HOUR_NS = 3600 * 10**9


@pytest.mark.parametrize("offset_ns", [-HOUR_NS, 0, HOUR_NS])
def test_a_stamp_known_for_long_is_settled_whatever_it_says(offset_ns: int) -> None:
    assert is_settled(time.time_ns() + offset_ns, time.monotonic() - 2 * SETTLE_S)


def test_a_stamp_just_met_is_settled_if_it_is_old() -> None:
    assert is_settled(time.time_ns() - HOUR_NS, time.monotonic())
    assert not is_settled(time.time_ns() + HOUR_NS, time.monotonic())
