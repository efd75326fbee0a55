from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import kerascope
from kerascope.events.types import Config, Notice, RunInfo
from kerascope.tracking.trial import Trial, set_trial
from tests.tracking.conftest import Store


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    folder = tmp_path / "sweep"
    folder.mkdir()
    (folder / "sweep.json").write_text("{}")
    made = Trial("sweep-1", "faces", {"lr": 0.1}, folder / "trial-1.json")
    set_trial(made)
    yield made
    set_trial(None)


def test_a_run_takes_project_values_and_sweep_of_its_trial(store: Store, trial: Trial) -> None:
    run = kerascope.init(config={"lr": 0.5, "layers": 2})
    assert (run.project, run.sweep_id, run.group) == ("faces", "sweep-1", "sweep-sweep-1")
    run.config.update({"lr": 0.7}, allow_val_change=True)
    assert run.config.as_dict() == {"lr": 0.1, "layers": 2}
    assert json.loads(trial.path.with_suffix(".run").read_text()) == {"project": "faces", "run_id": run.id}


def test_a_sweep_whose_folder_is_gone_is_told_of_and_stops_no_run(store: Store, trial: Trial) -> None:
    (trial.path.parent / "sweep.json").unlink()
    trial.path.parent.rmdir()
    run = kerascope.init()
    run.log({"loss": 1.0})
    run.finish()
    events = store.events(run.id, "faces")
    assert next(event.text for event in events if isinstance(event, Notice)).startswith(
        "telling sweep sweep-1 of the run failed"
    )
    assert any(isinstance(event, RunInfo) and event.sweep == "sweep-1" for event in events)
    assert any(isinstance(event, Config) and event.set == {"lr": 0.1} for event in events)


def test_what_fails_behind_the_end_of_a_run_is_told_of_and_raises_nothing(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    run = kerascope.init()

    def fail(exit_code: int) -> None:
        raise RuntimeError(f"after exit code {exit_code}")

    run._start = replace(run._start, on_finish=fail)
    run.finish()
    assert "what follows the run failed: RuntimeError: after exit code 0" in capsys.readouterr().err
    assert kerascope.run is None
