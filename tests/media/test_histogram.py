"""Laws of Histogram."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kerascope.media.histogram import Histogram


@settings(max_examples=150, deadline=None)
@given(
    data=st.one_of(
        hnp.arrays(np.float64, st.integers(0, 60), elements=st.floats(allow_nan=True, allow_infinity=True)),
        hnp.arrays(np.float32, st.integers(0, 60), elements=st.floats(width=32)),
        hnp.arrays(np.int64, st.integers(0, 60)),
    ),
    bins=st.integers(1, 512),
)
@example(data=np.array([0.0, np.finfo(np.float64).max]), bins=27)
@example(data=np.array([2.0**23], np.float32), bins=1)
def test_every_value_is_counted_exactly_once(data: np.ndarray, bins: int) -> None:
    histogram = Histogram(data, num_bins=bins)
    assert sum(histogram.histogram) + sum(histogram.nonfinite.values()) == data.size
    assert len(histogram.bins) == len(histogram.histogram) + 1 == bins + 1
    assert all(a < b for a, b in zip(histogram.bins, histogram.bins[1:], strict=False))


def test_counts_equal_those_of_numpy() -> None:
    data = np.random.default_rng(0).normal(size=5000)
    counts, edges = np.histogram(data, bins=64)
    histogram = Histogram(data)
    assert histogram.histogram == counts.tolist()
    np.testing.assert_allclose(histogram.bins, edges, rtol=1e-12)


def test_constant_data_gets_half_a_unit_to_both_sides() -> None:
    histogram = Histogram([3.0, 3.0, 3.0])
    assert (histogram.bins[0], histogram.bins[-1], sum(histogram.histogram)) == (2.5, 3.5, 3)


def test_nonfinite_values_are_counted_apart_and_shown() -> None:
    value = Histogram([1.0, np.nan, np.inf, -np.inf, np.inf]).to_value()
    assert value["nonfinite"] == {"nan": 1, "posinf": 2, "neginf": 1}
    assert sum(value["values"]) == 1


def test_nonfinite_is_absent_when_all_values_are_finite() -> None:
    assert "nonfinite" not in Histogram([1.0, 2.0]).to_value()


def test_no_value_gives_empty_bins() -> None:
    assert sum(Histogram([]).histogram) == 0
    assert Histogram([np.nan]).to_value()["nonfinite"]["nan"] == 1


def test_value_and_back_is_the_same_histogram() -> None:
    histogram = Histogram([1, 2, np.nan])
    assert Histogram.from_value(histogram.to_value()) == histogram


def test_given_pair_is_kept_with_its_nonfinite_counts() -> None:
    histogram = Histogram(np_histogram=np.histogram([1, 2, 3], bins=3), nonfinite={"nan": 2, "posinf": 0})
    assert histogram.to_value()["values"] == [1, 1, 1]
    assert histogram.nonfinite == {"nan": 2}


def test_512_bins_are_the_most() -> None:
    assert len(Histogram([1.0, 2.0], num_bins=512).histogram) == 512
    with pytest.raises(ValueError, match="512"):
        Histogram([1.0], num_bins=513)
    with pytest.raises(ValueError, match="512"):
        Histogram(np_histogram=(np.zeros(513), np.arange(514)))


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"sequence": [1], "np_histogram": ([1], [0, 1])},
        {"np_histogram": ([1, 2], [0, 1])},
        {"np_histogram": 3},
        {"sequence": ["a"]},
        {"sequence": [1], "num_bins": 0},
        {"sequence": [1], "num_bins": True},
        {"np_histogram": ([1], [0, 1]), "nonfinite": {"bogus": 1}},
    ],
)
def test_wrong_arguments_raise_value_error(arguments: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Received"):
        Histogram(**arguments)  # type: ignore[arg-type]
