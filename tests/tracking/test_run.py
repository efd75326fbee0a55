from __future__ import annotations

import threading

import pytest

import kerascope
from kerascope.errors import Error, UsageError
from kerascope.events.types import Finish, Segment
from tests.tracking.conftest import Store


def test_logged_rows_config_and_end_are_read_back(store: Store) -> None:
    run = kerascope.init(project="faces", config={"lr": 0.1})
    for i in range(3):
        kerascope.log({"loss": float(i)})
    run.finish()
    assert store.rows(run.id, "faces") == {0: {"loss": 0.0}, 1: {"loss": 1.0}, 2: {"loss": 2.0}}
    state = store.state(run.id, "faces")
    assert state.config == {"lr": 0.1}
    assert state.finish is not None
    assert state.finish.state == "finished"
    events = store.events(run.id, "faces")
    assert isinstance(events[0], Segment)
    assert isinstance(events[-1], Finish)


def test_what_log_returned_from_is_in_the_file_before_finish(store: Store) -> None:
    run = kerascope.init()
    run.log({"loss": 1.0}, commit=False)
    assert store.rows(run.id) == {0: {"loss": 1.0}}


def test_module_names_are_those_of_the_current_run() -> None:
    assert kerascope.run is None
    run = kerascope.init(config={"lr": 0.1})
    assert kerascope.run is run
    assert kerascope.config.lr == 0.1
    kerascope.log({"loss": 2.0})
    assert kerascope.summary["loss"] == 2.0
    run.finish()
    assert kerascope.run is None


@pytest.mark.parametrize("call", ["log", "save", "restore", "alert", "define_metric", "log_artifact", "use_artifact"])
def test_calls_before_init_raise_an_error_that_names_them(call: str) -> None:
    with pytest.raises(Error, match=rf"kerascope\.{call}\(\)"):
        getattr(kerascope, call)("x")


def test_config_and_summary_before_init_raise_an_error_that_names_them() -> None:
    with pytest.raises(Error, match=r"kerascope\.config\.lr"):
        kerascope.config.lr  # noqa: B018
    with pytest.raises(Error, match=r"kerascope\.summary\['x'\]"):
        kerascope.summary["x"] = 1


def test_log_after_finish_raises_usage_error() -> None:
    run = kerascope.init()
    run.finish()
    with pytest.raises(UsageError, match="after finish"):
        run.log({"a": 1})


def test_finish_twice_ends_the_run_once(store: Store) -> None:
    run = kerascope.init()
    run.finish()
    run.finish()
    assert sum(isinstance(event, Finish) for event in store.events(run.id)) == 1


def test_unknown_attributes_cannot_be_set() -> None:
    run = kerascope.init()
    with pytest.raises(AttributeError, match="loss"):
        run.loss = 3  # type: ignore[attr-defined]


def test_finish_from_two_threads_ends_the_run_once(store: Store) -> None:
    run = kerascope.init()
    threads = [threading.Thread(target=run.finish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(event, Finish) for event in store.events(run.id)) == 1
