from __future__ import annotations

from typing import Any

import pytest

import kerascope
from kerascope.errors import UsageError
from kerascope.events.types import Metric
from kerascope.tracking.metric import Rules, checked_metric
from tests.tracking.conftest import Store


def test_rows_get_the_latest_value_of_their_step_metric(store: Store) -> None:
    run = kerascope.init()
    run.define_metric("epoch")
    run.define_metric("val/*", step_metric="epoch")
    run.log({"val/loss": 9.0})
    run.log({"epoch": 1})
    run.log({"val/loss": 0.5, "other": 1})
    run.log({"other": 2})
    run.log({"val/loss": 0.4, "epoch": 2})
    assert store.rows(run.id) == {
        0: {"val/loss": 9.0},
        1: {"epoch": 1},
        2: {"val/loss": 0.5, "other": 1, "epoch": 1},
        3: {"other": 2},
        4: {"val/loss": 0.4, "epoch": 2},
    }


def test_step_sync_false_leaves_rows_as_they_are(store: Store) -> None:
    run = kerascope.init()
    run.define_metric("loss", step_metric="epoch", step_sync=False)
    run.log({"epoch": 1})
    run.log({"loss": 0.5})
    assert store.rows(run.id)[1] == {"loss": 0.5}


def test_a_late_row_does_not_get_the_step_metric_of_now(store: Store) -> None:
    run = kerascope.init()
    run.define_metric("loss", step_metric="epoch")
    run.log({"epoch": 1})
    run.log({"epoch": 2})
    run.log({"loss": 0.5}, step=0)
    assert store.rows(run.id)[0] == {"epoch": 1, "loss": 0.5}


def test_step_metrics_known_before_the_definition_count(store: Store) -> None:
    run = kerascope.init()
    run.log({"epoch": 7})
    run.define_metric("loss", step_metric="epoch")
    run.log({"loss": 0.5})
    assert store.rows(run.id)[1] == {"loss": 0.5, "epoch": 7}


def test_definitions_are_recorded(store: Store) -> None:
    run = kerascope.init()
    step = run.define_metric("epoch")
    run.define_metric("a\\.b", step_metric=step, summary="min,max", goal="min", hidden=True)
    found = [event for event in store.events(run.id) if isinstance(event, Metric)]
    assert found[1].name == "a.b"
    assert found[1].step_metric == "epoch"
    assert found[1].summary == ("min", "max")
    assert found[1].goal == "minimize"
    assert found[1].hidden is True


@pytest.mark.parametrize(
    "named",
    [
        {"name": ""},
        {"name": 3},
        {"name": "a*b"},
        {"name": "a", "summary": "median"},
        {"name": "a", "summary": 3},
        {"name": "a", "goal": "up"},
        {"name": "a", "step_metric": 3},
        {"name": "a", "step_metric": "b*"},
        {"name": "a", "hidden": "yes"},
    ],
)
def test_wrong_definitions_raise_usage_error(named: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="Received"):
        checked_metric(**named)


def test_exact_names_beat_patterns_and_longer_patterns_shorter_ones() -> None:
    rules = Rules()
    rules.define(checked_metric("*", step_metric="step"))
    rules.define(checked_metric("val/*", step_metric="epoch"))
    rules.define(checked_metric("val/loss", step_metric="batch"))
    assert rules.missing(("train",)) == ("step",)
    assert rules.missing(("val/x",)) == ("epoch",)
    assert rules.missing(("val/loss", "batch")) == ("step",)


def test_later_definitions_add_to_earlier_ones_unless_they_overwrite() -> None:
    rules = Rules()
    rules.define(checked_metric("a", step_metric="epoch"))
    assert rules.define(checked_metric("a", summary="min")).step_metric == "epoch"
    assert rules.define(checked_metric("a", summary="max", overwrite=True)).step_metric is None


def test_rows_that_hold_their_step_metric_pass_it_on_to_those_that_do_not(store: Store) -> None:
    run = kerascope.init()
    run.define_metric("batch/*", step_metric="batch/step")
    for i in range(1000):
        run.log({"batch/loss": float(i), "batch/step": i})
    run.log({"batch/late": 1.0})
    assert store.rows(run.id)[1000] == {"batch/late": 1.0, "batch/step": 999}
