"""Processes that were started together record one run, whoever started them: by number and address alone, without any framework."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from kerascope.events.types import Console, Environment, Finish, System
from kerascope.index.build import open_index
from kerascope.index.db import read
from kerascope.query import history, runs
from tests.distributed.processes import TIMEOUT_S, Group, Left, free_port, surroundings, together

SCRIPT = """
import os, pathlib, tempfile, time, kerascope
rank = int(os.environ["RANK"])
run = kerascope.init(project="p", config={"lr": 0.1, "rank": rank})
run.define_metric("loss", summary="min")
for i in range(3):
    run.log({"loss": 10 * rank + 3 - i})
run.summary["score"] = rank
with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder, "made-%d.txt" % rank).write_text("kept")
    run.save(folder + "/made-*.txt", policy="now")
print("hello from", rank, run.id, run.name, run.disabled, run.step)
if os.environ["KERASCOPE_SYSTEM_METRICS"] == "1":  # goes on until the machine has been sampled
    from kerascope.events.types import System
    from kerascope.runlog.files import list_segments
    from kerascope.runlog.reader import scan
    log = pathlib.Path(run.dir).parents[rank > 0] / "log"
    def sampled():
        logs = [[event for _, event in scan(path).events] for path in list_segments(log)]
        return any(isinstance(event, System) for events in logs if events and events[0].rank == rank for event in events)
    while not sampled():
        time.sleep(0.01)
run.finish()
"""


def shown(told: list[tuple[str, str]]) -> list[list[str]]:
    return [out.split()[3:] for out, _ in told]


def test_the_first_process_records_and_the_others_know_its_run(tmp_path: Path) -> None:
    told = together(SCRIPT, tmp_path, count=3)
    left = Left(tmp_path)
    state = left.state()
    assert shown(told) == [[left.run_id, state.name, str(rank > 0), "3"] for rank in range(3)]
    assert [row["loss"] for row in left.rows()] == [3, 2, 1]
    assert (state.config, state.summary["score"]) == ({"lr": 0.1, "rank": 0}, 0)
    assert list(left.events()) == [0]
    assert [path.name for path in left.paths.files("p", left.run_id).iterdir()] == ["made-0.txt"]
    assert ["records nothing" in err for _, err in told] == [False, True, False]


def test_all_processes_record_into_one_run_if_asked_to(tmp_path: Path) -> None:
    told = together(
        SCRIPT,
        tmp_path,
        KERASCOPE_LOG_RANKS="all",
        KERASCOPE_CONSOLE="wrap",
        KERASCOPE_SYSTEM_METRICS="1",
        KERASCOPE_SYSTEM_INTERVAL_S="0.05",
    )
    left = Left(tmp_path)
    state, events = left.state(), left.events()
    assert [err for _, err in told] == ["", ""]
    assert [(a.rank, a.world_size, a.attempt, a.state) for a in state.attempts] == [
        (0, 2, 0, "finished"),
        (1, 2, 0, "finished"),
    ]
    assert [(row["loss"], row["rank1/loss"]) for row in left.rows()] == [(3, 13), (2, 12), (1, 11)]
    assert (state.config, state.row_count) == ({"lr": 0.1, "rank": 0}, 3)
    assert (state.summary["loss"], state.summary["rank1/loss"]) == ({"min": 1}, {"min": 11})
    assert (state.summary["score"], state.summary["rank1/score"]) == (0, 1)
    assert set(state.files) == {"made-0.txt", "rank1/made-1.txt"}
    assert (left.paths.files("p", left.run_id) / "rank1" / "made-1.txt").read_text() == "kept"
    (said,) = [event.text for event in events[1] if isinstance(event, Console)]
    assert said.startswith("[rank 1] hello from 1")
    systems = [name for event in events[1] if isinstance(event, System) for name in event.values]
    assert systems
    assert all(name.startswith("rank1/") for name in systems)
    assert {"lr": 0.1, "rank": 1} in [e.data.get("config") for e in events[1] if isinstance(e, Environment)]
    assert all(isinstance(part[-1], Finish) for part in events.values())


def test_the_index_shows_the_processes_as_one_run(tmp_path: Path) -> None:
    together(SCRIPT, tmp_path, KERASCOPE_LOG_RANKS="all", KERASCOPE_RUN_ID="both")
    paths = Left(tmp_path).paths
    with open_index(paths) as index:
        index.refresh()
    with read(paths) as db:
        (run,) = runs.page(db, "p").runs
        assert (run.id, run.state, run.row_count) == ("both", "finished", 3)
        assert {"loss", "rank1/loss"} <= {key.key for key in history.keys(db, "p", ["both"])}
        assert {a.rank for a in runs.detail(db, "p", "both").attempts} == {0, 1}


def test_each_process_has_a_run_of_its_own_if_asked_to(tmp_path: Path) -> None:
    told = together(SCRIPT, tmp_path, KERASCOPE_LOG_RANKS="apart")
    assert len(Left(tmp_path).runs) == 2
    assert [err for _, err in told] == ["", ""]


def test_a_later_launch_at_the_same_address_is_another_run(tmp_path: Path) -> None:
    port = free_port()
    first = shown(together(SCRIPT, tmp_path, MASTER_PORT=port))
    second = shown(together(SCRIPT, tmp_path, MASTER_PORT=port))
    assert len(Left(tmp_path).runs) == 2
    assert first[0][:2] == first[1][:2]
    assert second[0][:2] == second[1][:2]


def test_a_resumed_run_goes_on_at_one_step_in_every_process(tmp_path: Path) -> None:
    resumed = {"KERASCOPE_RESUME": "allow", "KERASCOPE_RUN_ID": "both", "KERASCOPE_LOG_RANKS": "all"}
    together(SCRIPT, tmp_path, **resumed)
    told = together(SCRIPT, tmp_path, **resumed)
    assert [line[-1] for line in shown(told)] == ["6", "6"]
    left = Left(tmp_path)
    assert sorted((a.attempt, a.rank, a.starting_step) for a in left.state().attempts) == [
        (0, 0, 0),
        (0, 1, 0),
        (1, 0, 3),
        (1, 1, 3),
    ]
    assert [row["rank1/loss"] for row in left.rows()] == [13, 12, 11, 13, 12, 11]


def test_several_runs_in_a_row_are_shared_one_by_one(tmp_path: Path) -> None:
    script = """
import os, kerascope
for fold in range(3):
    with kerascope.init(project="p") as run:
        run.log({"fold": fold})
        print(run.id)
"""
    first, second = [out for out, _ in together(script, tmp_path, KERASCOPE_LOG_RANKS="all")]
    assert first == second
    assert len(Left(tmp_path).runs) == 3


def test_only_the_first_process_may_call_init(tmp_path: Path) -> None:
    script = """
import os, kerascope
if os.environ["RANK"] == "0":
    with kerascope.init(project="p") as run:
        run.log({"loss": 1})
"""
    together(script, tmp_path)
    assert [row["loss"] for row in Left(tmp_path).rows()] == [1]


@pytest.mark.parametrize("who", ["first", "all"])
def test_a_killed_process_leaves_the_part_of_the_first_one_whole(tmp_path: Path, who: str) -> None:
    script = """
import os, sys, time, kerascope
run = kerascope.init(project="p")
for i in range(200):
    run.log({"loss": i})
print("logged", flush=True)
sys.stdin.readline() if os.environ["RANK"] == "0" else time.sleep(600)
run.log({"loss": 200})
run.finish()
"""
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port(), "WORLD_SIZE": "2", "KERASCOPE_LOG_RANKS": who}
    environments = [surroundings(tmp_path, RANK=str(rank), **address) for rank in range(2)]
    with Group([[sys.executable, "-c", script]] * 2, environments) as group:
        first, second = group.processes
        assert second.stdout is not None
        assert second.stdout.readline() == "logged\n"
        os.kill(second.pid, signal.SIGKILL)
        second.wait(TIMEOUT_S)
        first.communicate("\n", timeout=TIMEOUT_S)
        assert first.returncode == 0
    left = Left(tmp_path)
    assert [row["loss"] for row in left.rows()] == list(range(201))
    if who == "all":
        assert [row["rank1/loss"] for row in left.rows()[:200]] == list(range(200))
        assert {a.rank: a.state for a in left.state().attempts} == {0: "finished", 1: None}
    else:
        assert left.state().finish is not None


def test_the_wait_for_the_first_process_ends_and_is_told(tmp_path: Path) -> None:
    script = """
import os, kerascope
from kerascope.tracking import agreement
agreement.WAIT_S = 1.0
if os.environ["RANK"] == "1":
    with kerascope.init(project="p") as run:
        run.log({"loss": 1})
"""
    told = together(script, tmp_path, KERASCOPE_LOG_RANKS="all")
    assert "heard nothing of the run of the first process within 1 s" in told[1][1]
    assert "KERASCOPE_RUN_ID" in told[1][1]
    assert [row["rank1/loss"] for row in Left(tmp_path).rows()] == [1]
