from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import pytest

import kerascope
from kerascope.events.types import Notice, Row
from kerascope.tracking.history import flatten
from tests.tracking.conftest import Store


def logged(store: Store, run: kerascope.Run) -> dict[int, dict[str, Any]]:
    return store.rows(run.id)


def test_a_row_without_step_is_committed_and_the_step_moves_on(store: Store) -> None:
    run = kerascope.init()
    assert run.step == 0
    run.log({"a": 1})
    assert run.step == 1
    run.log({"a": 2})
    assert logged(store, run) == {0: {"a": 1}, 1: {"a": 2}}


def test_uncommitted_parts_merge_into_one_row_and_do_not_move_the_step(store: Store) -> None:
    run = kerascope.init()
    run.log({"a": 1, "b": 1}, commit=False)
    assert run.step == 0
    run.log({"b": 2}, commit=False)
    run.log({"c": 3})
    assert run.step == 1
    assert logged(store, run) == {0: {"a": 1, "b": 2, "c": 3}}


def test_a_larger_step_opens_that_row_without_committing_it(store: Store) -> None:
    run = kerascope.init()
    run.log({"a": 1}, commit=False)
    run.log({"a": 2}, step=5)
    assert run.step == 5
    run.log({"b": 3})
    assert run.step == 6
    assert logged(store, run) == {0: {"a": 1}, 5: {"a": 2, "b": 3}}


def test_the_same_step_merges_and_commit_true_closes_it(store: Store) -> None:
    run = kerascope.init()
    run.log({"a": 1}, step=3)
    run.log({"b": 2}, step=3)
    assert run.step == 3
    run.log({"c": 3}, step=3, commit=True)
    assert run.step == 4
    assert logged(store, run) == {3: {"a": 1, "b": 2, "c": 3}}


def test_a_past_step_is_merged_into_its_row_and_moves_nothing(store: Store) -> None:
    run = kerascope.init()
    for value in range(3):
        run.log({"a": value})
    run.log({"late": 9, "a": 7}, step=1, commit=True)
    assert run.step == 3
    assert logged(store, run) == {0: {"a": 0}, 1: {"a": 7, "late": 9}, 2: {"a": 2}}


def test_empty_rows_are_not_written(store: Store) -> None:
    run = kerascope.init()
    run.log({})
    run.log({}, commit=False)
    assert run.step == 0
    assert not any(isinstance(event, Row) for event in store.events(run.id))


def test_an_empty_log_commits_the_open_row() -> None:
    run = kerascope.init()
    run.log({"a": 1}, commit=False)
    run.log({})
    assert run.step == 1


def test_rows_carry_time_and_runtime(store: Store) -> None:
    run = kerascope.init()
    run.log({"a": 1})
    run.log({"a": 2})
    first, second = (event for event in store.events(run.id) if isinstance(event, Row))
    assert 0 <= first.runtime_s <= second.runtime_s
    assert run.start_time <= first.time_s <= second.time_s


def test_nested_dicts_are_flattened_with_dots(store: Store) -> None:
    run = kerascope.init()
    run.log({"a": {"b": 1, "c": {"d": 2, 3: 4}}, "e": 5})
    assert logged(store, run) == {0: {"a.b": 1, "a.c.d": 2, "a.c.3": 4, "e": 5}}


def test_a_dict_that_holds_itself_is_refused_and_the_rest_of_the_row_kept(store: Store) -> None:
    run = kerascope.init()
    loop: dict[str, Any] = {}
    loop["again"] = loop
    run.log({"loop": loop, "a": 1})
    assert logged(store, run) == {0: {"a": 1}}
    (notice,) = (event for event in store.events(run.id) if isinstance(event, Notice))
    assert notice.key == "loop"
    assert notice.step == 0


def test_flatten_leaves_media_maps_whole() -> None:
    into: dict[str, Any] = {}
    flatten("a", {"_type": "histogram", "values": [1]}, into)
    assert into == {"a": {"_type": "histogram", "values": [1]}}


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (1, 1),
        (True, True),
        (0.5, 0.5),
        (None, None),
        ("text", "text"),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.float64(0.25), 0.25),
        (np.array([2.0]), 2.0),
        (np.array([1, 2, 3]), [1, 2, 3]),
        ([1, 2.5, "x"], [1, 2.5, "x"]),
        ((1, 2), [1, 2]),
        (2**70, float(2**70)),
        ("lone \ud800", "lone ?"),
    ],
)
def test_values_are_stored_as_plain_python(store: Store, value: Any, stored: Any) -> None:
    run = kerascope.init()
    run.log({"v": value})
    found = logged(store, run)[0]["v"]
    assert found == stored
    assert type(found) is type(stored)


def test_nan_and_infinities_are_kept(store: Store) -> None:
    run = kerascope.init()
    run.log({"a": math.nan, "b": math.inf, "c": np.float32("-inf")})
    row = logged(store, run)[0]
    assert math.isnan(row["a"])
    assert row["b"] == math.inf
    assert row["c"] == -math.inf


def test_large_arrays_become_histograms_of_32_bins(store: Store) -> None:
    run = kerascope.init()
    run.log({"w": np.arange(100.0)})
    run.finish()
    value = logged(store, run)[0]["w"]
    assert value["_type"] == "histogram"
    assert len(value["values"]) == 32
    assert sum(value["values"]) == 100


def test_images_follow_as_a_second_part_of_the_same_row(store: Store) -> None:
    run = kerascope.init()
    run.log({"loss": 1.0, "img": kerascope.Image(np.zeros((4, 4, 3), np.uint8))})
    run.log({"loss": 2.0})
    run.finish()
    rows = logged(store, run)
    assert rows[0]["loss"] == 1.0
    assert rows[0]["img"]["_type"] == "image-file"
    assert (store.paths.blobs / rows[0]["img"]["sha256"][:2] / rows[0]["img"]["sha256"]).is_file()
    parts = [event for event in store.events(run.id) if isinstance(event, Row) and event.step == 0]
    assert len(parts) == 2
    assert parts[0].time_s == parts[1].time_s


def test_an_image_shows_the_pixels_it_had_when_it_was_logged(store: Store) -> None:
    run = kerascope.init()
    pixels = np.zeros((2, 2, 3), np.uint8)
    run.log({"a": kerascope.Image(pixels)})
    pixels[:] = 255
    run.log({"b": kerascope.Image(np.zeros((2, 2, 3), np.uint8))})
    run.finish()
    rows = logged(store, run)
    assert rows[0]["a"]["sha256"] == rows[1]["b"]["sha256"]


@pytest.mark.parametrize("data", [None, 1, "loss", [("a", 1)], {1: 2}, {"a": 1, None: 2}])
def test_data_that_is_no_dict_with_text_keys_raises_type_error(data: Any) -> None:
    run = kerascope.init()
    with pytest.raises(TypeError, match="text keys"):
        run.log(data)


@pytest.mark.parametrize("step", ["1", 1.5, object()])
def test_a_step_that_is_no_int_raises_type_error(step: Any) -> None:
    run = kerascope.init()
    with pytest.raises(TypeError, match="`step` must be an int"):
        run.log({"a": 1}, step=step)


@pytest.mark.parametrize("step", [-1, True, 2**64])
def test_a_step_out_of_range_raises_value_error(step: Any) -> None:
    run = kerascope.init()
    with pytest.raises(ValueError, match="`step` must be an int from 0 on"):
        run.log({"a": 1}, step=step)


def test_numpy_steps_are_ints(store: Store) -> None:
    run = kerascope.init()
    run.log({"a": 1}, step=np.int64(4))
    assert logged(store, run) == {4: {"a": 1}}


def test_names_of_the_row_itself_are_refused_with_a_notice(store: Store) -> None:
    run = kerascope.init()
    run.log({"_step": 7, "a": 1})
    assert logged(store, run) == {0: {"a": 1}}
    assert any(isinstance(event, Notice) and event.key == "_step" for event in store.events(run.id))


def test_a_value_whose_conversion_fails_is_named_once_and_counted_at_the_end(
    store: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    class Broken:
        ndim = 0
        dtype = shape = None

        def __array__(self, *args: Any, **named: Any) -> Any:
            raise RuntimeError("no device")

        def __str__(self) -> str:
            raise RuntimeError("no text")

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(f"no {name}")

    run = kerascope.init()
    for _ in range(3):
        run.log({"bad": Broken(), "a": 1})
    run.finish()
    rows = logged(store, run)
    assert [rows[i]["a"] for i in range(3)] == [1, 1, 1]
    notices = [event for event in store.events(run.id) if isinstance(event, Notice)]
    assert notices, rows
    assert [notice.key for notice in notices] == ["bad", "bad"]
    assert "3 times" in notices[1].text
    assert capfd.readouterr().err.count("could not be stored") == 1


def test_a_value_too_long_for_a_record_leaves_the_others_alone(store: Store) -> None:
    run = kerascope.init()
    run.log({"long": "x" * (65 * 1024 * 1024), "a": 1})
    assert logged(store, run)[0] == {"a": 1}
    assert any(isinstance(event, Notice) and event.key == "long" for event in store.events(run.id))


def test_rows_of_many_threads_are_all_kept(store: Store) -> None:
    run = kerascope.init()

    def work(number: int) -> None:
        for i in range(200):
            run.log({f"thread{number}": i})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = logged(store, run)
    assert sorted(rows) == list(range(800))
    for number in range(4):
        assert [row[f"thread{number}"] for row in rows.values() if f"thread{number}" in row] == list(range(200))


def test_a_script_that_invents_keys_keeps_every_row(store: Store) -> None:
    run = kerascope.init()
    for i in range(5000):
        run.log({f"key{i}": i})
    rows = logged(store, run)
    assert all(rows[i] == {f"key{i}": i} for i in range(5000))


def test_lists_may_mix_media_and_plain_values(store: Store) -> None:
    run = kerascope.init()
    run.log({"mixed": [1, kerascope.Histogram([1.0, 2.0]), "x"]})
    run.finish()
    value = logged(store, run)[0]["mixed"]
    assert value[0] == 1
    assert value[1]["_type"] == "histogram"


def test_a_table_that_is_logged_again_at_once_keeps_what_each_log_saw(store: Store) -> None:
    from kerascope.media.table import Table

    run = kerascope.init()
    table = Table(columns=["a"], log_mode="MUTABLE")
    for i in range(4):
        table.add_data(i)
        run.log({"t": table})
    run.finish()
    rows = logged(store, run)
    assert [rows[i]["t"]["nrows"] for i in range(4)] == [1, 2, 3, 4]


def test_logged_tables_are_artifacts_too(store: Store) -> None:
    from kerascope.media.table import Table

    with kerascope.init(id="abc") as run:
        run.log({"my table": Table(columns=["a"], data=[[1], [2]])})
    second = kerascope.init()
    artifact = second.use_artifact("run-abc-my_table:latest", type="run_table")
    assert artifact.get("my table").data == [[1], [2]]


def test_charts_are_logged_with_their_table(store: Store) -> None:
    from kerascope import plot
    from kerascope.media.table import Table

    run = kerascope.init()
    run.log({"curve": plot.line(Table(columns=["x", "y"], data=[[1, 2], [2, 3]]), "x", "y")})
    run.finish()
    row = logged(store, run)[0]
    assert row["curve"]["_type"] == "chart"
    assert row["curve_table"]["_type"] == "table-file"


def test_rows_are_counted_by_step_however_they_came_about(store: Store) -> None:
    run = kerascope.init()
    rows = run._history
    picture = kerascope.Image(np.zeros((2, 2)))
    run.log({"picture": picture})
    assert rows.whole_rows == 1
    run.log({"a": 1}, commit=False)
    run.log({"picture": picture}, commit=False)
    assert rows.whole_rows == 2
    run.log({"b": 1})
    run.log({"a": 2})
    assert rows.whole_rows == 3
    run.log({"a": 3}, step=7)
    run.log({"a": 4}, step=9)
    run.log({"b": 4}, step=9, commit=True)
    run.log({"late": 1}, step=7)
    assert rows.whole_rows == 5
    run.log({"a": 5}, commit=False)
    run.log({}, commit=True)
    run.log({})
    assert rows.whole_rows == 6
    run.finish()
    assert len(logged(store, run)) == 6
