from __future__ import annotations

import math
import threading

import numpy as np
import pytest

import kerascope
from kerascope.events.types import Summary
from tests.tracking.conftest import Store


def test_the_summary_holds_the_last_value_of_each_key() -> None:
    run = kerascope.init()
    run.log({"a": 1, "b": 1})
    run.log({"a": 2})
    assert run.summary["a"] == 2
    assert run.summary.b == 1
    assert run.summary["_step"] == 1


def test_many_rows_are_folded_like_single_ones() -> None:
    run = kerascope.init()
    run.define_metric("a", summary="min,max,mean,first,last")
    for i in range(2000):
        run.log({"a": float(i)})
    assert run.summary["a"] == {"min": 0.0, "max": 1999.0, "mean": 999.5, "first": 0.0, "last": 1999.0}


def test_aggregates_make_a_map_and_nan_poisons_them() -> None:
    run = kerascope.init()
    run.define_metric("val", summary="min")
    for value in (3, 2, "text", 4):
        run.log({"val": value})
    assert run.summary["val"] == {"min": 2}
    run.log({"val": math.nan})
    assert math.isnan(run.summary["val"]["min"])


def test_none_removes_the_key_and_copy_is_the_plain_last_value() -> None:
    run = kerascope.init()
    run.define_metric("hidden", summary="none")
    run.define_metric("plain", summary="copy")
    run.log({"hidden": 1, "plain": 2})
    assert "hidden" not in run.summary
    assert run.summary["plain"] == 2


def test_a_value_set_by_hand_holds_until_the_key_is_logged_again(store: Store) -> None:
    run = kerascope.init()
    run.define_metric("a", summary="min")
    run.log({"a": 1})
    run.summary["a"] = 7
    assert run.summary["a"] == 7
    run.log({"a": 3})
    assert run.summary["a"] == {"min": 3}
    assert store.state(run.id).summary["a"] == {"min": 3}


def test_values_set_by_hand_are_written_at_once(store: Store) -> None:
    run = kerascope.init()
    run.summary.update({"best": np.float32(0.5), "who": "me"})
    run.summary.epoch = 3
    state = store.state(run.id)
    assert state.summary == {"best": 0.5, "who": "me", "epoch": 3}


def test_nested_maps_can_be_changed_in_place(store: Store) -> None:
    run = kerascope.init()
    run.summary["a"] = {"b": {"c": 1}}
    run.summary["a"]["b"]["c"] = 2
    run.summary.a.b.d = 3
    del run.summary["a"]["b"]["c"]
    assert run.summary["a"] == {"b": {"d": 3}}
    assert store.state(run.id).summary["a"] == {"b": {"d": 3}}


def test_deleted_values_are_gone_until_logged_again(store: Store) -> None:
    run = kerascope.init()
    run.log({"a": 1})
    del run.summary["a"]
    assert "a" not in run.summary
    assert "a" not in store.state(run.id).summary
    with pytest.raises(KeyError):
        del run.summary["a"]
    run.log({"a": 2})
    assert run.summary["a"] == 2


def test_missing_values_raise_key_error_and_get_gives_the_default() -> None:
    run = kerascope.init()
    with pytest.raises(KeyError):
        run.summary["a"]
    with pytest.raises(KeyError):
        run.summary.a  # noqa: B018
    assert not hasattr(run.summary, "a")
    assert run.summary.get("a") is None
    assert run.summary.get("a", 3) == 3


def test_nested_logging_is_seen_as_a_map_too() -> None:
    run = kerascope.init()
    run.log({"val": {"loss": 1.0}})
    assert run.summary["val"]["loss"] == 1.0
    assert run.summary["val.loss"] == 1.0


def test_media_in_the_summary_are_stored_as_maps(store: Store) -> None:
    run = kerascope.init()
    run.summary["h"] = kerascope.Histogram([1.0, 2.0, 3.0])
    (event,) = (event for event in store.events(run.id) if isinstance(event, Summary))
    assert event.set["h"]["_type"] == "histogram"


def test_live_summary_equals_the_folded_log(store: Store) -> None:
    run = kerascope.init()
    run.define_metric("b", summary="max,mean")
    for i in range(700):
        run.log({"a": i, "b": float(i % 7)})
        run.log({"c": str(i)}, commit=False)
    run.summary["x"] = [1, 2]
    live = run.summary.as_dict()
    assert live == store.state(run.id).summary


def test_update_with_no_dict_raises_type_error() -> None:
    run = kerascope.init()
    with pytest.raises(TypeError, match="takes a dict"):
        run.summary.update(3)  # type: ignore[arg-type]


def test_media_that_were_just_logged_are_in_the_summary() -> None:
    run = kerascope.init()
    run.log({"pictures": [kerascope.Image(np.zeros((4, 4, 3), np.uint8)) for _ in range(8)]})
    assert run.summary["pictures"]["count"] == 8
    run.log({"more": kerascope.Image(np.zeros((4, 4), np.uint8))})
    assert "more" in run.summary
    run.log({"most": kerascope.Image(np.zeros((4, 4), np.uint8))})
    assert list(run.summary.keys())[-1] == "most"


def test_the_summary_so_far_waits_for_nothing() -> None:
    run, read, heard = kerascope.init(), threading.Event(), []
    run.worker.submit(lambda: heard.append(read.wait(60)))
    run.log({"loss": 1.0})
    run.log({"picture": kerascope.Image(np.zeros((4, 4), np.uint8))})
    assert set(run.summary.so_far()) >= {"loss"}
    assert "picture" not in run.summary.so_far()
    read.set()
    assert "picture" in run.summary
    assert heard == [True]
