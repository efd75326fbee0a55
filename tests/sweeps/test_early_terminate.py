"""`early_terminate` ends real runs: cleanly, marked, in this process and in children, and the sweep goes on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import kerascope
from kerascope.errors import UsageError
from kerascope.paths import StorePaths
from kerascope.sweeps import store
from tests.sweeps.test_agent import own_store  # noqa: F401

HYPERBAND = {"type": "hyperband", "min_iter": 2, "eta": 2}


def made(**config: Any) -> str:
    return kerascope.sweep(
        {
            "method": "grid",
            "metric": {"name": "loss", "goal": "minimize"},
            "early_terminate": HYPERBAND,
            "parameters": {"level": {"values": [3.0, 7.0, 1.0, 2.0]}},
            **config,
        }
    )


def states(sweep_id: str) -> list[str]:
    folder = store.find(StorePaths(Path(os.environ["KERASCOPE_DIR"])), sweep_id).folder
    return [store.read(path)["state"] for path in sorted(folder.glob("*.result"))]


def test_worse_trials_are_ended_cleanly_and_the_others_run_to_their_end() -> None:
    sweep_id, cleaned = made(), []

    def train() -> None:
        run = kerascope.init()
        try:
            for epoch in range(5):
                run.log({"loss": run.config.level - epoch / 10, "epoch": epoch})
        except Exception:
            cleaned.append("caught")
        finally:
            cleaned.append(run.config.level)

    kerascope.agent(sweep_id, train)
    assert cleaned == [3.0, 7.0, 1.0, 2.0]
    assert kerascope.run is None
    runs = kerascope.Api().sweep(sweep_id).runs
    assert [run.lastHistoryStep for run in runs] == [4, 1, 4, 4]
    assert {run.state for run in runs} == {"finished"}
    assert [run.tags for run in runs] == [[], ["stopped-early"], [], []]
    assert "after 2 values of loss, 6.9 is not among" in runs[1].detail().attempts[0].message
    assert states(sweep_id) == ["finished", "stopped", "finished", "finished"]
    assert kerascope.Api().sweep(sweep_id).state == "FINISHED"


def test_what_is_done_on_the_way_out_cannot_fail_the_trial(capsys: pytest.CaptureFixture[str]) -> None:
    sweep_id = made(parameters={"level": {"values": [1.0, 2.0]}})

    def train() -> None:
        with kerascope.init() as run:
            try:
                for _ in range(3):
                    run.log({"loss": run.config.level})
            finally:
                run.summary["done"] = True

    kerascope.agent(sweep_id, train)
    assert states(sweep_id) == ["finished", "stopped"]
    assert [run.state for run in kerascope.Api().sweep(sweep_id).runs] == ["finished", "finished"]
    assert "Traceback" not in capsys.readouterr().err


def test_program_of_a_trial_ends_as_a_good_one_does(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text(
        "import sys, kerascope\n"
        "run = kerascope.init()\n"
        "for epoch in range(4):\n"
        "    kerascope.log({'loss': run.config.level})\n"
        f"open({str(tmp_path / 'ended')!r}, 'a').write(f'{{run.config.level}} ')\n"
    )
    sweep_id = made(
        program=str(program), command=["${interpreter}", "${program}"], parameters={"level": {"values": [1.0, 5.0]}}
    )
    kerascope.agent(sweep_id)
    assert states(sweep_id) == ["finished", "stopped"]
    assert (tmp_path / "ended").read_text() == "1.0 "
    assert [run.lastHistoryStep for run in kerascope.Api().sweep(sweep_id).runs] == [3, 1]
    assert {run.state for run in kerascope.Api().sweep(sweep_id).runs} == {"finished"}


def test_early_terminate_is_checked_when_the_sweep_is_made() -> None:
    with pytest.raises(UsageError, match="`early_terminate` needs a metric"):
        made(metric=None)
    with pytest.raises(UsageError, match="type 'hyperband'"):
        made(early_terminate={"type": "median"})
