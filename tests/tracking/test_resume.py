from __future__ import annotations

from pathlib import Path

import pytest

import kerascope
from kerascope.errors import UsageError
from tests.tracking.conftest import Script, Store


def finished(run_id: str, rows: int = 3, exit_code: int = 0) -> None:
    run = kerascope.init(id=run_id, config={"lr": 0.1}, tags=["a"], name="first")
    run.define_metric("loss", step_metric="epoch", summary="min")
    for i in range(rows):
        run.log({"loss": float(i), "epoch": i})
    run.summary["best"] = 7
    run.finish(exit_code)


@pytest.mark.parametrize("mode", ["allow", "must", "auto", True])
def test_a_resumed_run_goes_on_behind_its_last_step(store: Store, mode: str | bool) -> None:
    finished("abc")
    run = kerascope.init(id="abc", resume=mode)
    assert run.resumed
    assert run.step == run.starting_step == 3
    assert run.name == "first"
    assert run.tags == ("a",)
    assert run.config.lr == 0.1
    assert run.summary["best"] == 7
    assert run.summary["loss"] == {"min": 0.0}
    run.log({"loss": -1.0})
    run.finish()
    assert store.rows("abc")[3] == {"loss": -1.0, "epoch": 2}
    assert store.state("abc").summary["loss"] == {"min": -1.0}
    assert len(store.segments("abc")) == 2
    assert [attempt.attempt for attempt in store.state("abc").attempts] == [0, 1]


def test_run_time_goes_on(store: Store) -> None:
    finished("abc")
    before = store.state("abc").summary["_runtime"]
    run = kerascope.init(id="abc", resume="must")
    run.log({"loss": 1.0})
    assert run.summary["_runtime"] >= before


def test_allow_and_auto_begin_a_new_run_where_there_is_none() -> None:
    for mode in ("allow", "auto"):
        run = kerascope.init(id=f"new-{mode}", resume=mode)
        assert not run.resumed
        assert run.step == 0
        run.finish()


def test_must_refuses_a_missing_run_and_never_an_existing_one(store: Store) -> None:
    with pytest.raises(UsageError, match="needs an existing run"):
        kerascope.init(id="abc", resume="must")
    with pytest.raises(UsageError, match="needs an existing run"):
        kerascope.init(resume="must")
    finished("abc")
    with pytest.raises(UsageError, match="needs a new run"):
        kerascope.init(id="abc", resume="never")
    kerascope.init(id="other", resume="never").finish()


def test_resuming_in_another_project_finds_nothing() -> None:
    finished("abc")
    with pytest.raises(UsageError, match="needs an existing run"):
        kerascope.init(id="abc", project="other", resume="must")


def test_auto_goes_on_with_the_run_that_failed_in_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = kerascope.init(resume="auto")
    first.log({"a": 1})
    first.finish(exit_code=1)
    monkeypatch.chdir(tmp_path)
    elsewhere = kerascope.init(resume="auto")
    assert elsewhere.id != first.id
    elsewhere.finish()
    monkeypatch.chdir(tmp_path / "work")
    second = kerascope.init(resume=True)
    assert second.id == first.id
    assert second.step == 1
    second.finish()
    third = kerascope.init(resume="auto")
    assert third.id != first.id


def test_auto_goes_on_with_a_killed_run(script: Script) -> None:
    begin = "import os, signal, kerascope\nrun = kerascope.init(resume='auto')\nrun.log({'a': 1})\nprint(run.id, run.step, flush=True)\n"
    killed = script(begin + "os.kill(os.getpid(), signal.SIGKILL)\n")
    again = script(begin)
    assert killed.returncode == -9, killed.stderr
    assert again.returncode == 0, again.stderr
    run_id, step = again.stdout.split()
    assert killed.stdout.split() == [run_id, "1"]
    assert step == "2"


def test_without_resume_an_existing_run_is_merged_into_with_a_warning(
    store: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    finished("abc")
    run = kerascope.init(id="abc", config={"lr": 0.5})
    assert not run.resumed
    assert run.step == 0
    run.log({"loss": 5.0})
    run.finish()
    assert "exists in project" in capfd.readouterr().err
    assert store.rows("abc")[0]["loss"] == 5.0
    assert store.rows("abc")[2]["loss"] == 2.0
    assert store.state("abc").config["lr"] == 0.5


def test_a_resumed_config_may_change() -> None:
    finished("abc")
    run = kerascope.init(id="abc", resume="must", config={"lr": 0.2, "new": 1})
    assert run.config.as_dict() == {"lr": 0.2, "new": 1}


def test_files_of_earlier_attempts_are_there(store: Store) -> None:
    first = kerascope.init(id="abc")
    Path(first.dir, "model.txt").write_text("weights")
    first.finish()
    second = kerascope.init(id="abc", resume="must")
    with second.restore("model.txt") as file:
        assert file.read() == "weights"


def test_resuming_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    finished("abc")
    monkeypatch.setenv("WANDB_RUN_ID", "abc")
    monkeypatch.setenv("WANDB_RESUME", "allow")
    assert kerascope.init().step == 3
