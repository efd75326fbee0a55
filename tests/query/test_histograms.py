"""Laws of many histograms at once: the pictures, and the numbers that tell whether an array is healthy."""

import base64
import math

import msgspec
import numpy as np

from kerascope.query import histograms
from tests.index.logs import Log, asked, reading, store

_ROWS = 16


def _logged(values, **more):
    counts, edges = np.histogram(values, 64)
    return {"_type": "histogram", "bins": edges.tolist(), "values": counts.tolist()} | more


def _asked(tmp_path, logged, key="a", **more):
    paths = store(tmp_path)
    Log(paths, "r1").rows(logged).finish()
    with reading(paths) as db:
        return histograms.series(db, "faces", "r1", [key], **more)[0]


def _columns(found):
    return np.frombuffer(base64.b64decode(found.shades), np.uint8).reshape(len(found.steps), _ROWS)


def test_root_mean_square_and_largest_are_those_of_the_values(tmp_path):
    values = [np.random.default_rng(step).normal(0, 1 + step, 5000) for step in range(3)]
    found = _asked(tmp_path, [{"a": _logged(one)} for one in values])
    assert found.steps == (0, 1, 2)
    # Values count as the middle of one of 64 bins.
    np.testing.assert_allclose(found.rms, [math.sqrt(np.mean(one**2)) for one in values], rtol=0.01)
    np.testing.assert_allclose(found.largest, [np.abs(one).max() for one in values], rtol=1e-9)


def test_equal_values_are_what_they_are_whatever_their_one_bin_spans(tmp_path):
    found = _asked(tmp_path, [{"a": _logged(np.zeros(9))}, {"a": _logged(np.full(9, -2.0))}])
    assert found.rms == found.largest == (0.0, 2.0)


def test_a_picture_has_one_grid_for_all_steps_and_its_fullest_cell_is_darkest(tmp_path):
    spread = np.linspace(0, 16, 3200, endpoint=False) + 0.0025
    found = _asked(tmp_path, [{"a": _logged(spread)}, {"a": _logged(np.linspace(0.0001, 1, 100))}], rows=_ROWS)
    picture = _columns(found)
    assert (found.low, found.high) == (0.0001, spread[-1])
    assert picture[1, 0] == 255
    assert not picture[1, 2:].any()
    # A sixteenth of the values is in each row; shades are roots of shares.
    np.testing.assert_allclose(picture[0], 255 / 4, atol=4)


def test_steps_are_sampled_evenly_and_what_is_no_histogram_is_left_out(tmp_path):
    rows = [{"a": _logged([step, step + 1.0])} for step in range(100)]
    rows[99] = {"a": "a text"}
    found = _asked(tmp_path, rows, sample=12)
    assert (found.total, found.steps[0], len(found.steps)) == (100, 0, 11)
    assert set(np.diff(found.steps)) == {9}


def test_a_key_without_histograms_has_no_steps(tmp_path):
    found = _asked(tmp_path, [{"loss": 1.0}], key="missing")
    assert (found.steps, found.shades, found.total) == ((), "", 0)


def test_values_that_are_not_finite_are_counted_and_broken_histograms_left_out(tmp_path):
    lost = _logged([1.0, 2.0], nonfinite={"nan": 2, "inf": 1})
    broken = [{"_type": "histogram", "bins": bins, "values": [1]} for bins in ([0.0], [0.0, math.nan], [0, "x"])]
    found = _asked(tmp_path, [{"a": value} for value in [lost, *broken]])
    assert (found.steps, found.nonfinite) == ((0,), (3,))


def test_many_keys_cost_as_few_questions_as_one(tmp_path):
    paths = store(tmp_path)
    keys = [f"layer{number}" for number in range(300)]
    Log(paths, "r1").rows(
        {key: _logged([step, number]) for number, key in enumerate(keys)} for step in range(9)
    ).finish()
    with reading(paths) as db:
        with asked(db) as for_one:
            one = histograms.series(db, "faces", "r1", keys[7:8], sample=4)
        with asked(db) as for_all:
            found = histograms.series(db, "faces", "r1", [*keys, keys[7]], sample=4)
    assert len(for_all) == len(for_one) < 10
    assert [one.key for one in found] == [*keys, keys[7]]
    assert found[7] == found[-1] == one[0]
    assert found[7] != msgspec.structs.replace(found[8], key=keys[7])


def test_an_array_without_a_finite_value_has_no_size(tmp_path):
    nothing = {"_type": "histogram", "bins": [-0.5, 0.0, 0.5], "values": [0, 0], "nonfinite": {"nan": 9}}
    found = _asked(tmp_path, [{"a": nothing}, {"a": nothing | {"bins": [0.0, 0.5, 1.0]}}])
    assert (found.rms, found.largest, found.nonfinite) == ((0.0, 0.0), (0.0, 0.0), (9, 9))
