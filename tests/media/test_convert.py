"""Which object becomes which history value."""

from __future__ import annotations

import datetime
import importlib.util
import math
import subprocess
import sys

import numpy as np
import pytest

from kerascope.media.batch import MediaList, MixedList
from kerascope.media.convert import convert
from kerascope.media.histogram import Histogram
from kerascope.media.image import Image


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (2.5, 2.5),
        ("text", "text"),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (np.bool_(True), True),
        (np.array([[4]]), 4),
        (np.arange(3), [0, 1, 2]),
        (np.array([]), []),
        (np.array(["a", "b"]), ["a", "b"]),
        ({"a": {"b": np.float64(1)}, 3: (1, 2)}, {"a": {"b": 1.0}, "3": [1, 2]}),
        ([1, "a", np.int8(2)], [1, "a", 2]),
        (2**70, float(2**70)),
        (datetime.date(2026, 1, 2), "2026-01-02"),
    ],
)
def test_plain_values(value: object, wanted: object) -> None:
    got = convert(value)
    assert got == wanted
    assert type(got) is type(wanted)


def test_nan_and_infinities_are_kept() -> None:
    assert math.isnan(convert(np.float32("nan")))
    assert convert(float("inf")) == math.inf


def test_32_elements_are_a_list_and_33_a_histogram_of_32_bins() -> None:
    assert convert(np.zeros((4, 8))) == [[0.0] * 8] * 4
    histogram = convert(np.zeros(33))
    assert isinstance(histogram, Histogram)
    assert len(histogram.histogram) == 32


def test_lists_of_one_media_class_are_one_batch_and_mixed_lists_stay_lists() -> None:
    image, histogram = Image(np.zeros((2, 2))), Histogram([1])
    assert isinstance(convert([image, image]), MediaList)
    mixed = convert([image, histogram, 1])
    assert isinstance(mixed, MixedList)
    assert mixed.items == [image, histogram, 1]
    assert convert([]) == []


def test_anything_else_is_its_text() -> None:
    assert "object" in convert(object())
    assert convert({1, 2}) == [1, 2]


def test_values_that_contain_themselves_end() -> None:
    loop: list = []
    loop.append(loop)
    assert convert(loop)


def test_pictures_and_figures_become_images() -> None:
    from matplotlib.figure import Figure
    from PIL import Image as pillow

    assert isinstance(convert(Figure(figsize=(1, 1))), Image)
    assert isinstance(convert(pillow.new("RGB", (2, 2))), Image)


@pytest.mark.parametrize("package", ["jax.numpy", "torch", "tensorflow"])
def test_tensors_of_each_framework(package: str) -> None:
    code = (
        f"import warnings, sys, numpy as np, {package} as lib\n"
        "from kerascope.media.convert import convert\n"
        "before = set(sys.modules)\n"
        "make = {'torch': 'as_tensor', 'tensorflow': 'constant'}.get(lib.__name__.split('.')[0], 'asarray')\n"
        "make = getattr(lib, make)\n"
        "assert convert(make(np.float32(0.5))) == 0.5\n"
        "assert convert(make([1, 2])) == [1, 2]\n"
        "assert type(convert(make(np.zeros(40, 'float32')))).__name__ == 'Histogram'\n"
        "from kerascope.media.image import Image\n"
        "assert Image(make(np.zeros((3, 4, 3), 'float32'))).width in (3, 4)\n"
        "low = make(np.float32(0.5)); low = low.to(lib.bfloat16) if hasattr(low, 'to') and 'torch' in lib.__name__ else "
        "(lib.cast(low, 'bfloat16') if hasattr(lib, 'cast') else low.astype('bfloat16'))\n"
        "assert convert(low) == 0.5\n"
        "others = {'torch', 'tensorflow', 'jax'} - {lib.__name__.split('.')[0]}\n"
        "assert not [name for name in others if name in set(sys.modules) - before], others\n"
    )
    if importlib.util.find_spec(package.partition(".")[0]) is None:
        pytest.skip(f"{package} is not installed")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


def test_converting_numbers_imports_no_pillow_and_no_pandas() -> None:
    code = (
        "import sys, numpy as np\nfrom kerascope.media.convert import convert\nconvert({'a': [1, np.zeros(50)]})\n"
        "assert not {'PIL', 'pandas', 'matplotlib', 'keras'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)
