"""Laws of chunks, level of detail and merging."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kerascope.index import columns
from kerascope.index.columns import CHUNK_POINTS, GROUP_POINTS, NO_POINTS, Points

FLOATS = st.floats(width=64)
PAIRS = st.lists(st.tuples(st.integers(-5, 60), FLOATS), max_size=200)


def points(pairs):
    return Points(np.array([s for s, _ in pairs], np.int64), np.array([v for _, v in pairs], np.float64))


def grow(parts):
    chunks = {}
    number, tail = 0, NO_POINTS
    for part in parts:
        for chunk in columns.cut(number, tail, part):
            chunks[chunk.number] = chunk
            number, tail = chunk.number, chunk.points
    return [chunks[n] for n in sorted(chunks)]


@given(st.integers(1, 3 * CHUNK_POINTS), st.lists(st.integers(0, 2 * CHUNK_POINTS), max_size=6), st.integers(0, 2**31))
def test_any_way_of_arriving_gives_the_same_chunks(count, cuts, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=count)
    values[rng.random(count) < 0.01] = np.nan
    whole = Points(rng.integers(0, 50, count), values)
    edges = [0, *sorted(min(c, count) for c in cuts), count]
    parts = [Points(whole.steps[a:b], whole.values[a:b]) for a, b in pairwise(edges)]
    one, many = grow([whole]), grow(parts)
    assert [c.number for c in one] == [c.number for c in many] == list(range(-(-count // CHUNK_POINTS)))
    for a, b in zip(one, many, strict=True):
        assert columns.pack(a.points) == columns.pack(b.points)
        assert a.order == b.order
        assert a.entries.tobytes() == b.entries.tobytes()
    assert np.array_equal(columns.join([c.points for c in many]).values, whole.values, equal_nan=True)


@given(PAIRS)
def test_merge_sorts_by_step_and_keeps_the_last_value_of_each(pairs):
    merged = columns.merge([points(pairs[:50]), points(pairs[50:])])
    wanted = dict(pairs)
    assert merged.steps.tolist() == sorted(wanted)
    assert np.array_equal(merged.values, [wanted[s] for s in sorted(wanted)], equal_nan=True)


@given(st.lists(FLOATS, min_size=1, max_size=300))
def test_level_of_detail_says_what_each_group_holds(values):
    data = points(list(enumerate(values)))
    entries = columns.level_of_detail(data)
    for at, entry in enumerate(entries):
        group = np.array(values[at * GROUP_POINTS : (at + 1) * GROUP_POINTS])
        finite = group[np.isfinite(group)]
        assert entry["count"] == len(group)
        assert entry["bad"] == len(group) - len(finite)
        assert entry["first"] == at * GROUP_POINTS
        assert entry["last"] == at * GROUP_POINTS + len(group) - 1
        if len(finite):
            assert entry["min"] == finite.min()
            assert entry["max"] == finite.max()
            with np.errstate(over="ignore"):
                assert np.isclose(entry["sum"], finite.sum(), rtol=1e-9, atol=1e-9 * abs(finite).max())
        else:
            assert np.isnan(entry["min"])
            assert np.isnan(entry["max"])


@given(PAIRS)
def test_packed_points_come_back_bit_for_bit(pairs):
    data = points(pairs)
    back = columns.unpack(*columns.pack(data))
    assert back.steps.tolist() == data.steps.tolist()
    assert back.values.tobytes() == data.values.tobytes()


def test_order_tells_increasing_from_repeating_from_unordered():
    assert columns.order(np.array([1, 2, 5])) == columns.INCREASING
    assert columns.order(np.array([1, 1, 5])) == columns.REPEATING
    assert columns.order(np.array([1, 0])) == columns.UNORDERED
    assert columns.order(np.array([], np.int64)) == columns.INCREASING
