"""A sweep in the store: numbers are given out once, and its state follows from its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerascope.errors import NotFoundError, StoreError
from kerascope.paths import StorePaths
from kerascope.sweeps import store

GRID = {"method": "grid", "parameters": {"a": {"values": [1, 2]}, "b": {"values": [3, 4, 5]}}}


def test_trials_are_numbered_and_a_grid_ends(tmp_path: Path) -> None:
    sweep = store.create(StorePaths(tmp_path), "p", GRID)
    assert (sweep.state, sweep.size) == ("PENDING", 6)
    paths = []
    while (path := sweep.claim()) is not None:
        paths.append(path)
    assert [one.name for one in paths] == [f"trial-{number:06}.json" for number in range(6)]
    assert len({str(store.read(one)["values"]) for one in paths}) == 6
    assert sweep.state == "RUNNING"
    for one in paths:
        sweep.finish(one, "finished", 1.0)
    assert sweep.state == "FINISHED"


def test_cap_and_stop_end_a_sweep(tmp_path: Path) -> None:
    capped = store.create(StorePaths(tmp_path), "p", {**GRID, "run_cap": 1})
    assert capped.size == 1
    assert capped.claim() is not None
    assert capped.claim() is None
    endless = store.create(
        StorePaths(tmp_path), "p", {"method": "random", "run_cap": None, "parameters": {"x": {"min": 0.0, "max": 1.0}}}
    )
    assert endless.size is None
    trial = endless.claim()
    assert trial is not None
    endless.finish(trial, "finished", None)
    endless.stop()
    assert endless.claim() is None
    assert endless.state == "FINISHED"


def test_sweep_is_found_by_each_form_of_its_name(tmp_path: Path) -> None:
    paths = StorePaths(tmp_path)
    made = store.create(paths, "my project", GRID)
    for name in (made.id, f"my project/{made.id}", f"me/my project/{made.id}"):
        assert store.find(paths, name).config == GRID
    with pytest.raises(NotFoundError, match="in project other"):
        store.find(paths, f"other/{made.id}")


def test_part_of_a_file_counts_as_nothing(tmp_path: Path) -> None:
    path = tmp_path / "trial-000000.result"
    path.write_text('{"state": "fin')
    assert store.read(path) == {}
    assert store.read(tmp_path / "none") == {}


def test_sweep_whose_file_is_damaged_is_named(tmp_path: Path) -> None:
    paths = StorePaths(tmp_path)
    made = store.create(paths, "faces", {"method": "grid", "parameters": {"x": {"values": [1, 2]}}})
    (made.folder / "sweep.json").write_text('{"method": "gr')
    with pytest.raises(StoreError, match=r"sweep\.json"):
        store.find(paths, made.id)
