"""Laws of series: the same chart whether read point by point or through the level of detail."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerascope.errors import NotFoundError, UsageError
from kerascope.events import types as ev
from kerascope.query import sample
from tests.index.logs import START_S, Log, reading, store

COUNT = 60_000


@pytest.fixture(scope="module")
def data():
    """Steps, seconds since the beginning and values: a long run with a spike, NaNs, a pause and a denser half."""
    rng = np.random.default_rng(7)
    steps = np.concatenate([np.arange(COUNT // 2), np.arange(COUNT // 2) * 3 + COUNT // 2])
    values = rng.normal(size=COUNT)
    values[12_345], values[54_321] = 1e6, -1e6
    values[20_000:20_200] = np.nan
    seconds = np.arange(COUNT) * 0.1 + np.where(np.arange(COUNT) > 30_000, 500.0, 0.0)
    return steps, seconds, values


@pytest.fixture(scope="module")
def connection(tmp_path_factory, data):
    paths = store(tmp_path_factory.mktemp("store"))
    log = Log(paths, "big")
    for step, second, value in zip(*(column.tolist() for column in data), strict=True):
        log.row(step, time_s=START_S + second, loss=value, position=step * 2.0)
    log.say(*(ev.System(START_S + i, float(i), {"cpu": float(i)}) for i in range(100))).finish()
    few = Log(paths, "few").rows({"loss": float(i), "epoch": i // 2} for i in range(10))
    few.row(3, loss=-3.0).row(4, loss=float("nan")).row(20, other=1.0).finish()
    with reading(paths) as db:
        yield db


def one(db, run, key, **options):
    (found,) = sample.series(db, [("faces", run, key)], **options)
    return found


def test_few_points_come_as_they_are(connection):
    found = one(connection, "few", "loss")
    assert (found.kind, found.total_points) == ("points", 10)
    assert found.columns["x"].tolist() == list(range(10))
    assert np.array_equal(found.columns["y"], [0, 1, 2, -3, np.nan, 5, 6, 7, 8, 9], equal_nan=True)


@pytest.mark.parametrize("x", ["step", "relative", "epoch"])
def test_lines_asked_for_together_are_those_that_come_alone(connection, monkeypatch, x):
    monkeypatch.setattr(sample, "_POINTS_AT_ONCE", 8)
    asked = [("faces", run, key) for run in ("few", "big") for key in ("loss", "other", "loss")]
    together = sample.series(connection, asked, x=x, buckets=100, x_min=1.0)
    for found, (_, run, key) in zip(together, asked, strict=True):
        alone = one(connection, run, key, x=x, buckets=100, x_min=1.0)
        assert (found.run, found.key, found.kind, found.total_points) == (run, key, alone.kind, alone.total_points)
        for name, column in alone.columns.items():
            np.testing.assert_array_equal(found.columns[name], column)


def test_x_may_be_time_or_another_key(connection):
    assert one(connection, "few", "loss", x="time").columns["x"].tolist() == [START_S + i for i in range(10)]
    assert one(connection, "few", "loss", x="relative").columns["x"].tolist() == list(range(10))
    by_epoch = one(connection, "few", "loss", x="epoch")
    assert by_epoch.columns["x"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert one(connection, "few", "other", x="epoch").total_points == 0
    assert one(connection, "few", "loss", x="unknown").total_points == 0
    assert one(connection, "few", "unknown").total_points == 0
    system = one(connection, "big", "system/cpu", x="relative")
    assert system.columns["x"].tolist() == list(range(100))
    assert one(connection, "big", "system/cpu", x="time").columns["x"][5] == START_S + 5


def test_a_range_of_x_is_cut_exactly(connection):
    assert one(connection, "few", "loss", x_min=2, x_max=4.5).columns["x"].tolist() == [2, 3, 4]
    by_time = one(connection, "few", "loss", x="relative", x_min=1.5, x_max=3)
    assert by_time.columns["x"].tolist() == [2, 3]
    assert one(connection, "few", "loss", x="epoch", x_min=3).total_points == 4
    assert one(connection, "few", "loss", x_min=100).total_points == 0
    assert one(connection, "few", "loss", x="time", x_max=0).total_points == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 400), st.sampled_from(["step", "time", "relative", "position"]), st.data())
def test_a_long_series_is_drawn_within_its_points(connection, data, buckets, x, draw):
    steps, seconds, values = data
    axis = {
        "step": steps,
        "time": seconds + START_S,
        "relative": (seconds + START_S) - START_S,
        "position": steps * 2.0,
    }[x].astype(float)
    ends = st.sampled_from([None, *axis[:: COUNT // 7].tolist(), float(axis[12_345])])
    low, high = draw.draw(ends), draw.draw(ends)
    inside = (axis >= (axis[0] if low is None else low)) & (axis <= (axis[-1] if high is None else high))
    found = one(connection, "big", "loss", x=x, buckets=buckets, x_min=low, x_max=high)
    columns = found.columns
    assert found.total_points == inside.sum()
    assert len(columns["x"]) <= buckets
    if not inside.any():
        return
    assert columns["x"].min() >= axis[inside][0] - 1e-6
    assert columns["x"].max() <= axis[inside][-1] + 1e-6
    finite = values[inside & np.isfinite(values)]
    smallest, largest = (columns["y"], columns["y"]) if found.kind == "points" else (columns["min"], columns["max"])
    if len(finite):
        assert np.nanmin(smallest) == finite.min()
        assert np.nanmax(largest) == finite.max()
    if found.kind == "buckets" and len(finite):
        shown = ~np.isnan(columns["mean"])
        assert (columns["min"][shown] <= columns["mean"][shown]).all()
        assert (columns["mean"][shown] <= columns["max"][shown]).all()


def test_late_and_overlapping_steps_are_drawn_as_merged(tmp_path):
    paths = store(tmp_path)
    first = Log(paths, "r1")
    first.rows({"a": 0.0} for _ in range(30_000))
    first.rows(({"a": 5.0} for _ in range(100)), start=10_000)
    Log(paths, "r1", attempt=1, time_s=START_S + 10**6).rows(
        ({"a": -5.0} for _ in range(10_000)), start=29_000
    ).finish()
    wanted = np.zeros(39_000)
    wanted[10_000:10_100], wanted[29_000:] = 5.0, -5.0
    with reading(paths) as db:
        found = one(db, "r1", "a", buckets=39)
        assert (found.kind, found.total_points) == ("buckets", 39_000)
        parts = wanted.reshape(39, 1000)
        # The level of detail places groups of 64 points, so an edge may lie that far off.
        for at in (0, 5, 10, 20, 28, 30, 38):
            assert (found.columns["min"][at], found.columns["max"][at]) == (parts[at].min(), parts[at].max()), at


def test_wrong_arguments_are_named(connection):
    for options in ({"buckets": 0}, {"buckets": 10**9}, {"x_min": float("nan")}, {"buckets": "many"}):
        with pytest.raises(UsageError):
            one(connection, "few", "loss", **options)
    with pytest.raises(NotFoundError, match="few"):
        one(connection, "fewer", "loss")
