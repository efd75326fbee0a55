"""Charts: their tables hold the right numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kerascope import plot
from kerascope.blobs.store import BlobStore
from kerascope.media.chart import Chart
from kerascope.media.convert import convert
from kerascope.media.load import load_media
from kerascope.media.table import Table

DATA = Table(["step", "loss", "who"], [[0, 1.0, "a"], [1, 0.5, "b"]])
TRUTH = np.array([0, 0, 1, 1])
SCORES = np.array([0.1, 0.4, 0.35, 0.8])


def test_charts_name_their_columns() -> None:
    assert plot.line(DATA, "step", "loss", stroke="who").fields == {"x": "step", "y": "loss", "stroke": "who"}
    assert plot.scatter(DATA, "step", "loss", title="t").title == "t"
    assert plot.bar(DATA, "who", "loss").fields == {"label": "who", "value": "loss"}
    assert plot.histogram(DATA, "loss").chart == "histogram"
    assert plot.plot_table("me/mine", DATA, {"x": "step"}, {"t": "T"}).strings == {"spec": "me/mine", "t": "T"}


def test_roc_of_the_textbook_example() -> None:
    rows = plot.roc_curve(TRUTH, SCORES, classes_to_plot=[1]).table.data
    assert rows == [["1", 0.0, 0.0], ["1", 0.0, 0.5], ["1", 0.5, 0.5], ["1", 0.5, 1.0], ["1", 1.0, 1.0]]


def test_pr_of_the_textbook_example() -> None:
    table = plot.pr_curve(TRUTH, SCORES, labels=["no", "yes"], classes_to_plot=[1], interp_size=3).table
    assert table.columns == ["class", "recall", "precision"]
    assert table.data == [["yes", 0.0, 1.0], ["yes", 0.5, 1.0], ["yes", 1.0, 2 / 3]]


@settings(max_examples=80, deadline=None)
@given(data=st.data(), n=st.integers(2, 60))
def test_roc_area_equals_the_share_of_ordered_pairs(data: st.DataObject, n: int) -> None:
    scores = data.draw(hnp.arrays(np.float64, n, elements=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])))
    truth = data.draw(hnp.arrays(np.int64, n, elements=st.integers(0, 1)))
    truth[:2] = [0, 1]
    rows = np.array([row[1:] for row in plot.roc_curve(truth, scores, classes_to_plot=[1]).table.data])
    area = np.sum(np.diff(rows[:, 0]) * (rows[1:, 1] + rows[:-1, 1]) / 2)
    positive, negative = scores[truth == 1][:, None], scores[truth == 0][None]
    assert area == pytest.approx(np.mean((positive > negative) + 0.5 * (positive == negative)))
    assert rows[0].tolist() == [0, 0]
    assert rows[-1].tolist() == [1, 1]


@settings(max_examples=80, deadline=None)
@given(data=st.data(), n=st.integers(2, 40))
def test_precision_at_a_recall_is_that_of_the_highest_threshold_reaching_it(data: st.DataObject, n: int) -> None:
    scores = data.draw(hnp.arrays(np.float64, n, elements=st.integers(0, 8).map(lambda k: k / 8)))
    truth = data.draw(hnp.arrays(np.int64, n, elements=st.integers(0, 1)))
    truth[0] = 1
    for _, recall, precision in plot.pr_curve(truth, scores, classes_to_plot=[1], interp_size=5).table.data[1:]:
        threshold = max(t for t in scores if np.sum(truth[scores >= t]) >= recall * truth.sum() - 1e-9)
        assert precision == pytest.approx(np.mean(truth[scores >= threshold]))


def test_every_class_has_its_curve_by_column_or_by_value() -> None:
    probas = np.eye(3)[[0, 1, 2, 0]] * 0.9 + 0.05
    assert {row[0] for row in plot.roc_curve([0, 1, 2, 0], probas).table.data} == {"0", "1", "2"}
    assert {row[0] for row in plot.roc_curve(["a", "b", "c", "a"], probas).table.data} == {"a", "b", "c"}
    assert {row[0] for row in plot.roc_curve(np.eye(3)[[0, 1, 2, 0]], probas, labels="xyz").table.data} == {
        "x",
        "y",
        "z",
    }


def test_a_class_without_samples_is_left_out_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    probas = np.full((4, 3), 1 / 3)
    assert {row[0] for row in plot.roc_curve([0, 1, 0, 1], probas, labels=list("klm")).table.data} == {"k", "l"}
    assert "Class m" in capsys.readouterr().err


def test_long_curves_are_thinned_with_both_ends() -> None:
    rng = np.random.default_rng(0)
    rows = plot.roc_curve(rng.integers(0, 2, 50_000), rng.random(50_000), classes_to_plot=[1]).table.data
    assert len(rows) <= 2000
    assert (rows[0][1:], rows[-1][1:]) == ([0, 0], [1, 1])


def test_confusion_matrix_counts_pairs() -> None:
    chart = plot.confusion_matrix(y_true=[0, 0, 1, 2], preds=[0, 1, 1, 0], class_names=["a", "b", "c"])
    counts = {(row[0], row[1]): row[2] for row in chart.table.data}
    assert (counts["a", "a"], counts["a", "b"], counts["c", "a"], counts["c", "c"]) == (1, 1, 1, 0)
    assert len(counts) == 9
    probs = plot.confusion_matrix(probs=np.eye(2)[[0, 1]], y_true=np.eye(2)[[0, 0]])
    assert [row[2] for row in probs.table.data] == [1, 1, 0, 0]
    assert probs.table.data[0][:2] == ["Class_1", "Class_1"]


def test_line_series_takes_one_or_many_xs() -> None:
    shared = plot.line_series([0, 1], [[5, 6], [7, 8]], keys=["a", "b"], xname="epoch")
    assert shared.table.data == [[0, "a", 5], [1, "a", 6], [0, "b", 7], [1, "b", 8]]
    assert shared.strings == {"x": "epoch"}
    own = plot.line_series([[0, 1], [2]], [np.array([5, 6]), [7]])
    assert own.table.data == [[0, "line_0", 5], [1, "line_0", 6], [2, "line_1", 7]]


def test_a_chart_is_logged_with_its_table(tmp_path: Path) -> None:
    blobs, chart = BlobStore(tmp_path), plot.roc_curve(TRUTH, SCORES)
    assert convert(chart) is chart
    parts = chart.expand("roc")
    assert list(parts) == ["roc", "roc_table"]
    value = parts["roc"].to_value(blobs, "roc", 3)
    assert (value["_type"], value["chart"], value["title"]) == ("chart", "roc_curve", "ROC")
    assert value["table"] == parts["roc_table"].to_value(blobs, "roc_table", 3)
    assert load_media(value, blobs) == chart
    assert isinstance(chart, Chart)


@pytest.mark.parametrize(
    "make",
    [
        lambda: plot.line(3, "a", "b"),  # type: ignore[arg-type]
        lambda: plot.line(DATA, "nothing", "loss"),
        lambda: Chart("bogus", DATA, {}),
        lambda: plot.roc_curve(None, None),
        lambda: plot.roc_curve([0, 1], [0.5]),
        lambda: plot.roc_curve([0, 1], [0.5, np.nan]),
        lambda: plot.roc_curve([0, 5], np.zeros((2, 3))),
        lambda: plot.roc_curve([0, 1], [0.5, 0.5], labels=["a"]),
        lambda: plot.pr_curve([0, 1], [0.5, 0.5], interp_size=1),
        lambda: plot.confusion_matrix(y_true=[0]),
        lambda: plot.confusion_matrix(y_true=[0], preds=[0, 1]),
        lambda: plot.confusion_matrix(y_true=["a"], preds=[0]),
        lambda: plot.confusion_matrix(y_true=[0, 1], probs=[0.5, 0.5]),
        lambda: plot.confusion_matrix(y_true=[-1], preds=[0]),
        lambda: plot.confusion_matrix(y_true=[3], preds=[0], class_names=["a"]),
        lambda: plot.confusion_matrix(y_true=[0], preds=[20_000]),
        lambda: plot.line_series([0, 1], [[1]]),
        lambda: plot.line_series([0], [[1]], keys=["a", "b"]),
        lambda: plot.line_series(3, [[1]]),
        lambda: plot.line_series(["a"], [[1]]),
    ],
)
def test_wrong_arguments_are_named(make: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="Received"):
        make()
