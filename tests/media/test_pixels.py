"""The rule that turns numbers into pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kerascope.media.pixels import scale_pixels, to_pixels


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("given_values", "wanted"),
    [
        ([0.2, 0.3], [51, 76]),
        ([-0.2, 0.6], [102, 204]),
        ([-9, 0.1, 100, 254.5, 270], [0, 0, 100, 254, 255]),
        ([0.0, 1.0], [0, 255]),
        ([-1.0, 1.0], [0, 255]),
    ],
)
def test_values_of_the_contract(given_values: list[float], wanted: list[int], dtype: type) -> None:
    assert scale_pixels(np.array([given_values], dtype))[0].tolist() == [wanted]


def test_booleans_and_zero_one_integers_become_black_and_white() -> None:
    for dtype in (bool, np.uint8, np.int64):
        assert scale_pixels(np.array([[0, 1]], dtype))[0].tolist() == [[0, 255]]


def test_small_integers_stay_as_they_are() -> None:
    assert scale_pixels(np.array([[0, 3]], np.uint8))[0].tolist() == [[0, 3]]


def test_nonfinite_pixels_do_not_choose_the_rule_and_are_told() -> None:
    pixels, odd = scale_pixels(np.array([[0.2, np.nan, np.inf, -np.inf, 0.3]]))
    assert pixels.tolist() == [[51, 0, 255, 0, 76]]
    assert "3 pixels" in odd[0]


def test_cut_values_are_told() -> None:
    assert "cut" in scale_pixels(np.array([[-5.0, 300.0]]))[1][0]
    assert "black" in scale_pixels(np.array([[0.0, 1.01]]))[1][0]
    assert scale_pixels(np.array([[0.0, 255.0]]))[1] == ()


def test_without_normalisation_values_are_taken_as_they_are() -> None:
    assert scale_pixels(np.array([[0, 1]]), normalize=False)[0].tolist() == [[0, 1]]
    with pytest.raises(ValueError, match=r"0\.\.255"):
        scale_pixels(np.array([[0, 256]]), normalize=False)


@settings(max_examples=100, deadline=None)
@given(hnp.arrays(st.sampled_from([np.float32, np.float16, np.int16, np.uint8, np.bool_]), (3, 4)))
def test_any_numbers_become_pixels_without_a_warning(array: np.ndarray) -> None:
    pixels, _ = scale_pixels(array)
    assert pixels.dtype == np.uint8
    assert pixels.shape == array.shape


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        ((5, 6), (5, 6)),
        ((5, 6, 1), (5, 6)),
        ((1, 5, 6), (5, 6)),
        ((5, 6, 3), (5, 6, 3)),
        ((5, 6, 4), (5, 6, 4)),
        ((1, 5, 6, 3), (5, 6, 3)),
        ((1, 5, 1), (1, 5)),
        ((1, 1, 3), (1, 1, 3)),
    ],
)
def test_axes_of_length_one_are_dropped(shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    assert to_pixels(np.zeros(shape))[0].shape == wanted


def test_channels_first_is_moved_behind() -> None:
    assert to_pixels(np.zeros((3, 5, 6)), channels_first=True)[0].shape == (5, 6, 3)


@pytest.mark.parametrize("shape", [(5,), (), (5, 6, 2), (2, 5, 6, 3), (0, 3), (65501, 1)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="Received: shape"):
        to_pixels(np.zeros(shape, np.uint8))


def test_text_is_no_pixel() -> None:
    with pytest.raises(ValueError, match="dtype"):
        to_pixels(np.array([["a"]]))
