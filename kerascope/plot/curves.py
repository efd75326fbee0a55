"""The numbers behind the evaluation charts: ROC and precision-recall points, confusion counts. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


def _counts_by_threshold(is_positive: Bools, scores: Floats) -> tuple[Ints, Ints]:
    """True and false positives when everything from a threshold up counts as positive; thresholds fall, ties are one threshold."""
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], is_positive[order]
    last_of_ties = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    true_positives: Ints = np.cumsum(hits, dtype=np.int64)[last_of_ties]
    false_positives: Ints = (last_of_ties + 1 - true_positives).astype(np.int64)
    return true_positives, false_positives


def roc_points(is_positive: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """Returns (false positive rate, true positive rate), from (0, 0) to (1, 1), without points in the middle of a straight line.

    Args:
        is_positive: shape (n,); must hold both True and False.
        scores: shape (n,); the higher, the more positive.
    """
    hits, misses = _counts_by_threshold(is_positive, scores)
    hits, misses = np.append(0, hits), np.append(0, misses)
    if len(hits) > 2:
        turns = (np.diff(hits, 2) != 0) | (np.diff(misses, 2) != 0)
        keep = np.concatenate([[True], turns, [True]])
        hits, misses = hits[keep], misses[keep]
    return misses / misses[-1], hits / hits[-1]


def precision_recall_points(is_positive: Bools, scores: Floats, count: int) -> tuple[Floats, Floats]:
    """Returns (recall, precision) at `count` evenly spaced recalls from 0 to 1: the precision of the highest threshold reaching it.

    Args:
        is_positive: shape (n,); must hold a True.
        scores: shape (n,).
        count: at least 2.
    """
    hits, misses = _counts_by_threshold(is_positive, scores)
    recall = np.append(0.0, hits / hits[-1])
    precision = np.append(1.0, hits / (hits + misses))
    wanted = np.linspace(0.0, 1.0, count)
    # Rounding must not make 0.1 * k miss the recall k / 10.
    at = np.searchsorted(recall, wanted - 1e-12)
    return wanted, precision[np.minimum(at, len(precision) - 1)]


def confusion_counts(actual: Ints, predicted: Ints, count: int) -> Ints:
    """Returns the matrix of shape (count, count): how often class `row` was predicted as class `column`."""
    return np.bincount(actual * count + predicted, minlength=count * count).reshape(count, count)
