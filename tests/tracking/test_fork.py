from __future__ import annotations

import pytest

import kerascope
from kerascope.errors import UsageError
from tests.tracking.conftest import Store


def test_a_forked_run_begins_with_the_history_up_to_the_step(store: Store) -> None:
    source = kerascope.init(config={"lr": 0.1, "a": 1})
    source.define_metric("loss", summary="min")
    for i in range(5):
        source.log({"loss": float(5 - i)})
    source.finish()
    fork = kerascope.init(fork_from=f"{source.id}?_step=2", config={"lr": 0.2})
    assert fork.id != source.id
    assert fork.step == fork.starting_step == 3
    assert fork.config.as_dict() == {"lr": 0.2, "a": 1}
    assert fork.summary["loss"] == {"min": 3.0}
    fork.log({"loss": 9.0})
    fork.finish()
    assert [row["loss"] for row in store.rows(fork.id).values()] == [5.0, 4.0, 3.0, 9.0]
    assert [row["loss"] for row in store.rows(source.id).values()] == [5.0, 4.0, 3.0, 2.0, 1.0]


def test_a_missing_run_or_step_is_refused() -> None:
    source = kerascope.init(id="abc")
    source.log({"a": 1})
    source.finish()
    with pytest.raises(UsageError, match="existing run"):
        kerascope.init(fork_from="other?_step=0")
    with pytest.raises(UsageError, match="last step is 0"):
        kerascope.init(fork_from="abc?_step=1")
