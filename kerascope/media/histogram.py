"""Histogram: how the values of an array are distributed.

Promises: computed at construction, so later changes of the array do not matter; NaN and infinities are counted apart, never raised;
at most 512 bins. Value: `_type` `histogram` (`docs/formats/events.md`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from kerascope.errors import WrongValueError
from kerascope.media.arrays import Array, is_array, to_numpy
from kerascope.media.base import Media, Value

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore

Floats = np.ndarray[Any, np.dtype[np.float64]]
LARGEST = float(np.finfo(np.float64).max)
SMALLEST = float(np.finfo(np.float64).smallest_subnormal)
_NONFINITE = ("nan", "posinf", "neginf")


class Histogram(Media):
    """Counts of values in bins.

    Args:
        sequence: numbers of any shape: list, numpy array or tensor.
        np_histogram: instead of `sequence`: a pair (counts, edges) as `numpy.histogram` returns it.
        num_bins: how many bins `sequence` is sorted into, 1 to 512.
        nonfinite: with `np_histogram`: how many `nan`, `posinf` and `neginf` were left out of it.

    Constant data gets the range value - 0.5 to value + 0.5. No finite value at all gives empty bins over 0 to 1.

    Raises:
        ValueError: if there are more than 512 bins, the edges do not fit the counts, or not exactly one source is given.
    """

    MAX_LENGTH: ClassVar[int] = 512
    heavy: ClassVar[bool] = False
    kind: ClassVar[str] = "histogram"

    def __init__(
        self,
        sequence: Any = None,
        np_histogram: tuple[Any, Any] | None = None,
        num_bins: int = 64,
        *,
        nonfinite: Mapping[str, int] | None = None,
    ) -> None:
        if (sequence is None) == (np_histogram is None):
            raise WrongValueError(
                "Exactly one of `sequence` and `np_histogram` must be given. "
                f"Received: sequence={'None' if sequence is None else 'given'}, "
                f"np_histogram={'None' if np_histogram is None else 'given'}."
            )
        self.nonfinite: dict[str, int] = {}
        if np_histogram is not None:
            self.histogram, self.bins = _check_pair(np_histogram)
            self._count(nonfinite or {})
        else:
            self.histogram, self.bins, counts = _count_values(_as_floats(sequence), _check_bins(num_bins))
            self._count(counts)

    def _count(self, nonfinite: Mapping[str, int]) -> None:
        unknown = set(nonfinite) - set(_NONFINITE)
        if unknown:
            raise WrongValueError(f"`nonfinite` may hold {', '.join(_NONFINITE)}. Received: {sorted(unknown)}.")
        self.nonfinite = {name: int(nonfinite[name]) for name in _NONFINITE if nonfinite.get(name)}

    @property
    def values(self) -> list[int] | list[float]:
        """The counts, one a bin."""
        return self.histogram

    def to_value(self, blobs: BlobStore | None = None, key: str = "", step: int | None = None) -> dict[str, Value]:
        """Returns the `histogram` map; nothing is written."""
        value: dict[str, Value] = {"_type": self.kind, "values": list(self.histogram), "bins": list(self.bins)}
        if self.nonfinite:
            value["nonfinite"] = dict(self.nonfinite)
        return value

    @classmethod
    def from_value(cls, value: dict[str, Value], blobs: BlobStore | None = None) -> Histogram:
        """Returns the histogram that a history row holds."""
        return cls(np_histogram=(value["values"], value["bins"]), nonfinite=value.get("nonfinite"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.to_value() == other.to_value()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Histogram({sum(self.histogram)} values, {len(self.histogram)} bins)"


def _check_bins(num_bins: int) -> int:
    if isinstance(num_bins, bool) or not isinstance(num_bins, int) or not 1 <= num_bins <= Histogram.MAX_LENGTH:
        raise WrongValueError(
            f"`num_bins` must be an int from 1 to {Histogram.MAX_LENGTH}. Received: num_bins={num_bins!r}."
        )
    return num_bins


def _check_pair(pair: tuple[Any, Any]) -> tuple[list[int] | list[float], list[float]]:
    if not isinstance(pair, Sequence) or len(pair) != 2:
        raise WrongValueError(
            f"`np_histogram` must be a pair (counts, edges) as numpy.histogram returns it. Received: {type(pair).__name__}."
        )
    counts, edges = (np.asarray(to_numpy(part) if is_array(part) else part) for part in pair)
    if counts.ndim != 1 or edges.ndim != 1 or len(edges) != len(counts) + 1:
        raise WrongValueError(
            "`np_histogram` needs one edge more than counts. "
            f"Received: {counts.size} counts, {edges.size} edges. Pass the pair that numpy.histogram returns."
        )
    if len(counts) > Histogram.MAX_LENGTH:
        raise WrongValueError(
            f"A histogram holds at most {Histogram.MAX_LENGTH} bins. Received: {len(counts)} counts. Use fewer bins."
        )
    return counts.tolist(), edges.astype(np.float64).tolist()


def _as_floats(sequence: Any) -> Array:
    """Flat array of floats (float32 stays float32: half the memory traffic, and counts do not need more)."""
    try:
        array = to_numpy(sequence) if is_array(sequence) else np.asarray(sequence)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise WrongValueError(
            f"`sequence` must hold numbers. Received: sequence of type {type(sequence).__name__} ({error})."
        ) from error
    if array.dtype.kind not in "biuf":
        raise WrongValueError(f"`sequence` must hold numbers. Received: dtype {array.dtype}.")
    flat = array.reshape(-1)
    return flat if flat.dtype in (np.float32, np.float64) else flat.astype(np.float64)


def _count_values(flat: Array, num_bins: int) -> tuple[list[int], list[float], dict[str, int]]:
    finite, nonfinite = _split_nonfinite(flat)
    if not finite.size:
        return [0] * num_bins, np.linspace(0.0, 1.0, num_bins + 1).tolist(), nonfinite
    edges = bin_edges(float(finite.min()), float(finite.max()), num_bins)
    low, high = float(edges[0]), float(edges[-1])
    if _fits_arithmetic(np.finfo(finite.dtype), low, high, num_bins):
        counts, _ = np.histogram(finite, bins=num_bins, range=(low, high))
    else:  # numpy's fast path would overflow or not tell the edges apart: search them
        counts, _ = np.histogram(finite.astype(np.float64), bins=edges)
    return counts.tolist(), edges.tolist(), nonfinite


def _fits_arithmetic(info: np.finfo[Any], low: float, high: float, num_bins: int) -> bool:
    """Returns whether floats of this kind can compute the bin of a value by one division."""
    finest = 1000 * max(max(abs(low), abs(high)) * float(info.eps), float(info.tiny))
    return finest < (high - low) / num_bins and high - low < float(info.max) / 4


def _split_nonfinite(flat: Array) -> tuple[Array, dict[str, int]]:
    finite_mask = np.isfinite(flat)
    if finite_mask.all():
        return flat, {}
    rest = flat[~finite_mask]
    nan = int(np.isnan(rest).sum())
    posinf = int((rest == np.inf).sum())
    return flat[finite_mask], {"nan": nan, "posinf": posinf, "neginf": int(rest.size) - nan - posinf}


def bin_edges(low: float, high: float, num_bins: int) -> Floats:
    """Returns `num_bins + 1` strictly rising edges from `low` to `high`.

    Equal bounds are widened by 0.5 to both sides; bounds that are closer together than floats can be cut are widened just enough.
    """
    if low == high:
        low, high = low - 0.5, high + 0.5
    fractions = np.linspace(0.0, 1.0, num_bins + 1)
    edges = low * (1.0 - fractions) + high * fractions  # no overflow, where `high - low` would
    edges[0], edges[-1] = low, high
    while not (edges[1:] > edges[:-1]).all():
        room = max(max(abs(low), abs(high)) * 2.0**-52, SMALLEST) * num_bins
        low, high = max(low - room, -LARGEST), min(high + room, LARGEST)
        edges = low * (1.0 - fractions) + high * fractions
    return edges
