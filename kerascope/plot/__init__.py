"""Charts to log: `run.log({"roc": plot.roc_curve(y_true, y_probas)})`.

Each function returns a `Chart`: a table and how to draw it. The table is logged as `<key>_table` beside the chart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.media.arrays import Array, is_array, to_numpy
from kerascope.media.chart import Chart
from kerascope.media.table import Table
from kerascope.media.table_input import Column
from kerascope.plot.curves import Floats, Ints, confusion_counts, precision_recall_points, roc_points
from kerascope.terminal import termwarn

__all__ = [
    "Chart",
    "bar",
    "confusion_matrix",
    "histogram",
    "line",
    "line_series",
    "plot_table",
    "pr_curve",
    "roc_curve",
    "scatter",
]

MAX_CURVE_POINTS = 2000
MAX_MATRIX_CLASSES = 1000  # a row of the table for each pair of them


def line(
    table: Table,
    x: Column,
    y: Column,
    stroke: Column | None = None,
    title: str | None = None,
    split_table: bool = False,
) -> Chart:
    """Returns a line chart of two columns; `stroke` names a column with one line per value.

    Args:
        table: the data.
        x: column along.
        y: column up.
        stroke: column that tells the lines apart.
        title: above the chart.
        split_table: accepted for scripts written for the original; the table always is a value of its own.

    Raises:
        WrongValueError: if the table has no such column.
        WrongTypeError: if `table` is no Table.
    """
    fields: dict[str, Column] = {"x": x, "y": y}
    return Chart("line", table, fields if stroke is None else {**fields, "stroke": stroke}, title)


def scatter(table: Table, x: Column, y: Column, title: str | None = None, split_table: bool = False) -> Chart:
    """Returns a scatter plot of two columns. Arguments and errors as in `line`."""
    return Chart("scatter", table, {"x": x, "y": y}, title)


def bar(table: Table, label: Column, value: Column, title: str | None = None, split_table: bool = False) -> Chart:
    """Returns a bar chart: column `label` names the bars, column `value` is their length. Raises as `line` does."""
    return Chart("bar", table, {"label": label, "value": value}, title)


def histogram(table: Table, value: Column, title: str | None = None, split_table: bool = False) -> Chart:
    """Returns a histogram of the numbers in column `value`. Raises as `line` does."""
    return Chart("histogram", table, {"value": value}, title)


def line_series(
    xs: Any,
    ys: Any,
    keys: Sequence[str] | None = None,
    title: str | None = None,
    xname: str = "x",
    split_table: bool = False,
) -> Chart:
    """Returns several lines in one chart.

    Args:
        xs: numbers along: one list for all lines, or a list of lists, one a line.
        ys: list of lists: the lines.
        keys: their names; default `line_0`, `line_1`, ...
        title: above the chart.
        xname: name of the axis along.
        split_table: accepted for scripts written for the original.

    Raises:
        WrongValueError: if the numbers of lines, names or points differ.
    """
    lines = [_numbers("ys", one) for one in _listed("ys", ys)]
    given = _listed("xs", xs)
    shared = not given or not (
        isinstance(given[0], list | tuple | range) or (is_array(given[0]) and np.ndim(given[0]) > 0)
    )
    along = [_numbers("xs", given)] * len(lines) if shared else [_numbers("xs", one) for one in given]
    names = [f"line_{index}" for index in range(len(lines))] if keys is None else [str(key) for key in keys]
    if not len(along) == len(names) == len(lines):
        raise WrongValueError(
            f"Each line needs numbers along and a name. Received: {len(lines)} ys, {len(along)} xs, {len(names)} keys."
        )
    table = Table(["step", "lineKey", "lineVal"])
    for x, name, y in zip(along, names, lines, strict=True):
        if len(x) != len(y):
            raise WrongValueError(f"A line needs as many xs as ys. Received: {len(x)} xs and {len(y)} ys for {name!r}.")
        for position, height in zip(x, y, strict=True):
            table.add_data(position, name, height)
    fields: dict[str, Column] = {"x": "step", "stroke": "lineKey", "y": "lineVal"}
    return Chart("line_series", table, fields, title, {"x": xname})


def plot_table(
    vega_spec_name: str,
    data_table: Table,
    fields: Mapping[str, Column],
    string_fields: Mapping[str, str] | None = None,
    split_table: bool = False,
) -> Chart:
    """Returns a chart of a kind of one's own: the name of its drawing is kept, the table is shown.

    Args:
        vega_spec_name: name of the drawing.
        data_table: the data.
        fields: what of the drawing comes from which column.
        string_fields: further texts of the drawing.
        split_table: accepted for scripts written for the original.
    """
    return Chart("custom", data_table, fields, strings={"spec": vega_spec_name, **(string_fields or {})})


def roc_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[str] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    title: str | None = None,
    split_table: bool = False,
) -> Chart:
    """Returns the ROC curve of each class against the rest.

    Args:
        y_true: classes, shape (n,): numbers of columns of `y_probas` or any values; or one-hot, shape (n, classes).
        y_probas: scores of shape (n, classes); for two classes also (n,) or (n, 1), that of the second class.
        labels: names of the classes.
        classes_to_plot: only these classes.
        title: above the chart.
        split_table: accepted for scripts written for the original.

    Raises:
        WrongValueError: if the shapes do not fit or scores are not finite.
    """
    rows = _curve_rows("ROC", y_true, y_probas, labels, classes_to_plot, roc_points, needs_negatives=True)
    table = Table(["class", "fpr", "tpr"], [list(row) for row in rows])
    strings = {"x": "False positive rate", "y": "True positive rate"}
    return Chart("roc_curve", table, {"x": "fpr", "y": "tpr", "class": "class"}, title or "ROC", strings)


def pr_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[str] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    interp_size: int = 21,
    title: str | None = None,
    split_table: bool = False,
) -> Chart:
    """Returns precision over recall of each class against the rest, at `interp_size` (2 or more) recalls from 0 to 1.

    The other arguments and errors are those of `roc_curve`.
    """
    if isinstance(interp_size, bool) or not isinstance(interp_size, int) or interp_size < 2:
        raise WrongValueError(f"`interp_size` must be an int >= 2. Received: interp_size={interp_size!r}.")
    rows = _curve_rows(
        "precision-recall",
        y_true,
        y_probas,
        labels,
        classes_to_plot,
        lambda positive, scores: precision_recall_points(positive, scores, interp_size),
        needs_negatives=False,
    )
    table = Table(["class", "recall", "precision"], [list(row) for row in rows])
    fields: dict[str, Column] = {"x": "recall", "y": "precision", "class": "class"}
    return Chart("pr_curve", table, fields, title or "Precision v. Recall", {"x": "Recall", "y": "Precision"})


def confusion_matrix(
    probs: Any = None,
    y_true: Any = None,
    preds: Any = None,
    class_names: Sequence[str] | None = None,
    title: str | None = None,
    split_table: bool = False,
) -> Chart:
    """Returns how often each class was predicted as each class.

    Args:
        probs: scores of shape (n, classes), of which the highest counts; or give `preds`.
        y_true: class numbers of shape (n,), or one-hot of shape (n, classes).
        preds: predicted class numbers of shape (n,).
        class_names: names by class number; default `Class_1`, `Class_2`, ...
        title: above the chart.
        split_table: accepted for scripts written for the original.

    Raises:
        WrongValueError: if not exactly one of `probs` and `preds` is given, lengths differ, a class has no name or there are more
            than 1,000 classes.
    """
    if (probs is None) == (preds is None) or y_true is None:
        raise WrongValueError(
            "confusion_matrix needs `y_true` and either `probs` or `preds`. Received: another combination."
        )
    predicted = _class_numbers("preds", preds) if probs is None else _likeliest(probs)
    actual = _class_numbers("y_true", y_true)
    if len(actual) != len(predicted) or not len(actual):
        raise WrongValueError(
            f"There must be as many true as predicted classes. Received: {len(actual)} and {len(predicted)}."
        )
    highest = int(max(actual.max(), predicted.max()))
    given = None if class_names is None else [str(name) for name in class_names]
    count = highest + 1 if given is None else len(given)
    if count <= highest:
        raise WrongValueError(f"Each class needs a name. Received: {count} names, class number {highest}.")
    if count > MAX_MATRIX_CLASSES:
        raise WrongValueError(
            f"A confusion matrix has at most {MAX_MATRIX_CLASSES} classes, numbered from 0. Received: {count}. "
            "Number those that occur with `numpy.unique(classes, return_inverse=True)`."
        )
    names = given or [f"Class_{number + 1}" for number in range(count)]
    counts = confusion_counts(actual, predicted, len(names))
    rows = [
        [names[row], names[column], int(counts[row, column])]
        for row in range(len(names))
        for column in range(len(names))
    ]
    table = Table(["Actual", "Predicted", "nPredictions"], rows)
    fields = {"Actual": "Actual", "Predicted": "Predicted", "nPredictions": "nPredictions"}
    return Chart("confusion_matrix", table, fields, title or "Confusion Matrix")


def _curve_rows(
    what: str,
    y_true: Any,
    y_probas: Any,
    labels: Sequence[str] | None,
    classes_to_plot: Sequence[Any] | None,
    points: Callable[[Any, Floats], tuple[Floats, Floats]],
    needs_negatives: bool,
) -> Iterator[tuple[str, float, float]]:
    if y_true is None or y_probas is None:
        raise WrongValueError(f"A {what} curve needs `y_true` and `y_probas`. Received: None.")
    scores = _two_columns(_scores(y_probas))
    truth = _vector(y_true)
    classes = _classes(truth, scores.shape[1])
    if len(truth) != len(scores) or not len(truth):
        raise WrongValueError(
            f"`y_true` and `y_probas` need one row a sample. Received: {len(truth)} and {len(scores)} rows."
        )
    if labels is not None and len(labels) < len(classes):
        raise WrongValueError(
            f"`labels` needs a name a class. Received: {len(labels)} names for {len(classes)} classes."
        )
    for index, kind in enumerate(classes):
        if classes_to_plot is not None and kind not in classes_to_plot:
            continue
        positive = truth == kind
        name = str(labels[index]) if labels is not None else str(kind)
        if not positive.any() or (needs_negatives and positive.all()):
            termwarn(f"Class {name} has no {what} curve: all samples or none are of it.", repeat=False)
            continue
        yield from ((name, x, y) for x, y in _thinned(*points(positive, scores[:, index])))


def _thinned(x: Floats, y: Floats) -> Iterator[tuple[float, float]]:
    """At most 2,000 points, evenly chosen, with both ends."""
    at = np.unique(np.linspace(0, len(x) - 1, min(len(x), MAX_CURVE_POINTS)).round().astype(int))
    yield from zip(x[at].tolist(), y[at].tolist(), strict=True)


def _scores(scores: Any) -> Floats:
    array = _array("y_probas", scores)
    if array.dtype.kind not in "biuf" or array.ndim not in (1, 2) or not np.isfinite(array).all():
        raise WrongValueError(
            f"Scores must be finite numbers of shape (n, classes). Received: shape {array.shape}, dtype {array.dtype}."
        )
    return array.astype(np.float64)


def _likeliest(probs: Any) -> Ints:
    scores = _scores(probs)
    if scores.ndim != 2:
        raise WrongValueError(
            f"`probs` must have shape (n, classes). Received: shape {scores.shape}. Pass predicted classes as `preds`."
        )
    likeliest: Ints = np.argmax(scores, axis=1)
    return likeliest


def _two_columns(scores: Floats) -> Floats:
    """One score per sample is that of the second of two classes."""
    if scores.ndim == 2 and scores.shape[1] > 1:
        return scores
    second = scores.reshape(len(scores))
    return np.stack([1.0 - second, second], axis=1)


def _vector(classes: Any) -> Array:
    array = _array("y_true", classes)
    if array.ndim == 2 and array.shape[1] > 1:
        return np.asarray(np.argmax(array, axis=1))
    return array.reshape(-1)


def _classes(truth: Array, columns: int) -> list[Any]:
    if truth.dtype.kind in "biu" and truth.size and truth.min() >= 0 and truth.max() < columns:
        return list(range(columns))
    found: list[Any] = np.unique(truth).tolist()
    if len(found) != columns:
        raise WrongValueError(
            f"`y_true` must hold column numbers of `y_probas`, or as many different values as it has columns. "
            f"Received: {len(found)} values, {columns} columns."
        )
    return found


def _class_numbers(name: str, classes: Any) -> Ints:
    array = _vector(classes) if name == "y_true" else _array(name, classes).reshape(-1)
    whole = array.astype(np.int64) if array.dtype.kind in "biuf" else array
    if array.dtype.kind not in "biuf" or (array.size and (np.any(whole != array) or whole.min() < 0)):
        raise WrongValueError(f"`{name}` must hold class numbers from 0 on. Received: dtype {array.dtype}.")
    return whole


def _array(name: str, value: Any) -> Array:
    try:
        return to_numpy(value) if is_array(value) else np.asarray(value)
    except ValueError as error:
        raise WrongValueError(f"`{name}` must be an array. Received: rows of different lengths.") from error


def _listed(name: str, value: Any) -> list[Any]:
    if is_array(value):
        return list(to_numpy(value))
    if isinstance(value, list | tuple | range):
        return list(value)
    raise WrongTypeError(f"`{name}` must be a list or array. Received: {name}={type(value).__name__}.")


def _numbers(name: str, values: Any) -> list[Any]:
    array = _array(name, list(values) if isinstance(values, range) else values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "biuf"):
        raise WrongValueError(
            f"`{name}` must hold lists of numbers. Received: shape {array.shape}, dtype {array.dtype}."
        )
    numbers: list[Any] = array.tolist()
    return numbers
