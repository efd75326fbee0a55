"""Laws of buckets: few enough, nothing sharp lost."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kerascope.index.columns import Points, level_of_detail
from kerascope.query import reduce

POINTS = st.lists(st.tuples(st.integers(-1000, 1000), st.floats()), min_size=1, max_size=300)


def drawn(x, y, buckets):
    return reduce.bucket(reduce.of_points(x, y), buckets, float(x[0]), float(x[-1]))


@given(POINTS, st.integers(1, 40))
def test_buckets_keep_the_extremes_and_stay_few(pairs, buckets):
    pairs.sort(key=lambda pair: pair[0])
    x, y = np.array([p[0] for p in pairs], float), np.array([p[1] for p in pairs], float)
    found = drawn(x, y, buckets)
    assert 1 <= len(found["x"]) <= buckets
    assert len({len(column) for column in found.values()}) == 1
    assert (np.diff(found["x"]) >= 0).all()
    assert set(found["x"]) <= set(x)
    finite = y[np.isfinite(y)]
    if len(finite):
        assert np.nanmin(found["min"]) == finite.min()
        assert np.nanmax(found["max"]) == finite.max()
        shown = ~np.isnan(found["min"])
        assert (found["min"][shown] <= found["mean"][shown]).all()
        assert (found["mean"][shown] <= found["max"][shown]).all()
    else:
        assert np.isnan(found["mean"]).all()


@given(POINTS, st.integers(1, 40))
def test_each_bucket_holds_what_its_part_of_the_axis_holds(pairs, buckets):
    pairs.sort(key=lambda pair: pair[0])
    x, y = np.array([p[0] for p in pairs], float), np.array([p[1] for p in pairs], float)
    found = drawn(x, y, buckets)
    borders = x[0] + (x[-1] - x[0]) * (np.arange(1, buckets) / buckets) if x[-1] > x[0] else []
    number = np.searchsorted(borders, x, side="right")
    parts = [y[number == n] for n in sorted(set(number.tolist()))]
    assert len(parts) == len(found["x"])
    for at, part in enumerate(parts):
        finite = part[np.isfinite(part)]
        if not len(finite):
            assert np.isnan([found[name][at] for name in ("mean", "min", "max")]).all()
            continue
        assert (found["min"][at], found["max"][at]) == (finite.min(), finite.max())
        scale = np.abs(finite).max()
        if scale < 1e300:
            assert np.isclose(found["mean"][at], finite.mean(), rtol=1e-9, atol=1e-9 * scale)


@given(st.lists(st.floats(), min_size=1, max_size=600), st.integers(1, 4))
def test_level_of_detail_keeps_the_extremes(values, buckets):
    y = np.array(values)
    entries = level_of_detail(Points(np.arange(len(y)), y))
    groups = reduce.of_entries(entries["first"].astype(float), entries)
    found = reduce.bucket(groups, buckets, 0.0, float(entries["first"][-1]))
    finite = y[np.isfinite(y)]
    if len(finite):
        assert np.nanmin(found["min"]) == finite.min()
        assert np.nanmax(found["max"]) == finite.max()


def test_a_bucket_without_a_finite_value_is_nan_not_missing():
    y = np.array([1.0, np.nan, np.inf, 2.0])
    found = drawn(np.arange(4.0), y, 4)
    assert found["x"].tolist() == [0, 1, 2, 3]
    assert np.array_equal(found["mean"], [1, np.nan, np.nan, 2], equal_nan=True)


def test_nothing_gives_nothing():
    found = reduce.bucket(reduce.of_points(np.empty(0), np.empty(0)), 10, 0.0, 1.0)
    assert [len(column) for column in found.values()] == [0, 0, 0, 0]
