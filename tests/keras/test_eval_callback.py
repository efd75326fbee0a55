"""`WandbEvalCallback`. Runs on every backend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerascope
from kerascope.errors import Error, UsageError
from kerascope.keras import WandbEvalCallback
from tests.keras.acceptance import holds
from tests.keras.models import drive, regression
from tests.keras.reading import recorded


class Classified(WandbEvalCallback):
    """The way the documentation of the original shows it: pictures and targets, then predictions beside links to them."""

    def __init__(self, data: Any, **arguments: Any) -> None:
        super().__init__(["idx", "image", "label"], ["epoch", "idx", "image", "label", "pred"], **arguments)
        self.pictures, self.targets = data

    def add_ground_truth(self, logs: Mapping[str, Any] | None = None) -> None:
        for index, (picture, target) in enumerate(zip(self.pictures, self.targets, strict=True)):
            self.data_table.add_data(index, kerascope.Image(picture), target)

    def add_model_predictions(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        assert self.data_table_ref is not None
        for index in self.data_table_ref.get_index():
            row = self.data_table_ref.data[index]
            self.pred_table.add_data(epoch, row[0], row[1], row[2], float(index) / 4)


@holds("WandbEvalCallback")
def test_data_is_kept_once_and_predictions_once_an_epoch(store: Path) -> None:
    run = kerascope.init(project="evaluations", dir=str(store), mode="offline")
    model, x, y = regression()
    pictures = np.random.default_rng(0).random((4, 8, 8, 3)).astype("float32")
    callback = Classified((pictures, ["a", "b", "a", "b"]))
    model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])
    got = recorded(run, store)
    assert got.notices == []
    assert (got.artifact("val:latest").type, got.versions("val")) == ("dataset", 1)
    name = f"run_{got.id}_pred"
    assert (got.artifact(f"{name}:latest").type, got.versions(name)) == ("evaluation", 2)
    table = got.artifact(f"{name}:latest").get("eval_data")
    assert table.columns == ["epoch", "idx", "image", "label", "pred"]
    assert [[row[0], row[1], row[3], row[4]] for row in table.data] == [[1, i, "ab"[i % 2], i / 4] for i in range(4)]
    shown, kept = (
        got.artifact(n).get(t).data[2] for n, t in ((f"{name}:latest", "eval_data"), ("val:latest", "val_data"))
    )
    assert np.array_equal(np.asarray(shown[2].image), np.asarray(kept[1].image))
    assert not any("eval" in key or "val_data" in key for row in got.rows for key in row)


class Plain(WandbEvalCallback):
    """As in the examples of the original, without `logs`; tables under names of its own, every second epoch."""

    def add_ground_truth(self) -> None:  # type: ignore[override]
        for index in range(3):
            self.data_table.add_data(index, f"truth {index}")

    def add_model_predictions(self, epoch: int) -> None:  # type: ignore[override]
        assert self.data_table_ref is not None
        for index in self.data_table_ref.get_index():
            self.pred_table.add_data(epoch, self.data_table_ref.data[index][1], float(index))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if epoch % 2 == 0:
            super().on_epoch_end(epoch, logs)

    def log_pred_table(self, *args: Any, **kwargs: Any) -> None:
        super().log_pred_table("checked", "mine", ["newest", "latest"])


def test_methods_may_leave_out_logs_and_names_may_be_chosen(store: Path) -> None:
    run = kerascope.init(project="evaluations", dir=str(store))
    model, _, _ = regression()
    drive(Plain(["i", "t"], ["epoch", "t", "p"]), model, epochs=4)
    got = recorded(run, store)
    assert got.notices == []
    name = f"run_{got.id}_pred"
    assert got.artifact("val:latest").get("val_data").data[1] == [1, "truth 1"]
    assert got.versions(name) == 2
    assert got.aliases(name) >= {"newest"}
    assert got.artifact(f"{name}:newest").type == "checked"
    assert got.artifact(f"{name}:latest").get("mine").data[2] == [2, "truth 2", 2.0]


class Broken(Plain):
    def add_model_predictions(self, epoch: int) -> None:  # type: ignore[override]
        raise RuntimeError("no luck")


def test_a_method_that_fails_is_told_and_stops_nothing(store: Path) -> None:
    run = kerascope.init(project="evaluations", dir=str(store))
    model, _, _ = regression()
    drive(Broken(["i", "t"], ["epoch", "t", "p"]), model, epochs=3)
    got = recorded(run, store)
    assert len(got.notices) == 1
    assert "Broken.add_model_predictions" in got.notices[0]
    assert "no luck" in got.notices[0]
    assert got.versions(f"run_{got.id}_pred") == 0


def test_what_is_missing_is_refused_at_once(store: Path) -> None:
    with pytest.raises(Error, match="init"):
        Plain(["i"], ["p"])
    kerascope.init(project="evaluations", dir=str(store))
    with pytest.raises(TypeError, match="abstract"):
        WandbEvalCallback(["i"], ["p"])  # type: ignore[abstract]
    for columns in ("i", 3, [1]):
        with pytest.raises(UsageError, match=r"`data_table_columns` must be a list of column names. Received"):
            Plain(columns, ["p"])  # type: ignore[arg-type]


def test_an_unknown_argument_warns(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kerascope.init(project="evaluations", dir=str(store))
    Plain(["i"], ["p"], log_rank="all")
    assert "Plain has no argument `log_rank`; it is ignored. Did you mean 'log_ranks'?" in capsys.readouterr().err
