from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest

import kerascope
from kerascope.errors import StoreError, UsageError
from kerascope.events.types import RunInfo, Segment
from tests.tracking.conftest import Store


def test_arguments_are_recorded_and_shown_by_the_run(store: Store) -> None:
    run = kerascope.init(
        project="faces",
        entity="team",
        id="abc",
        name="first try",
        notes="a note",
        tags=["x", "y", "x"],
        group="g",
        job_type="train",
    )
    assert (run.project, run.entity, run.id, run.name, run.notes) == ("faces", "team", "abc", "first try", "a note")
    assert (run.tags, run.group, run.job_type) == (("x", "y"), "g", "train")
    assert run.path == "team/faces/abc"
    assert run.url == "http://127.0.0.1:7575/projects/faces/runs/abc"
    assert not run.resumed
    assert not run.disabled
    state = store.state("abc", "faces")
    assert (state.name, state.notes, state.tags, state.group, state.job_type) == (
        "first try",
        "a note",
        ("x", "y"),
        "g",
        "train",
    )
    assert state.entity == "team"


def test_positional_order_is_that_of_the_original(tmp_path: Path) -> None:
    run = kerascope.init("team", "faces", str(tmp_path / "elsewhere"), "abc", "name", "notes", ["tag"], {"lr": 1})
    assert (run.entity, run.project, run.id, run.name, run.notes, run.tags) == (
        "team",
        "faces",
        "abc",
        "name",
        "notes",
        ("tag",),
    )
    assert run.config.lr == 1
    assert run.dir.startswith(str(tmp_path / "elsewhere"))


def test_ids_and_names_are_made_here(store: Store) -> None:
    first = kerascope.init()
    first.finish()
    second = kerascope.init()
    assert re.fullmatch(r"[a-z0-9]{8}", first.id)
    assert re.fullmatch(r"[a-z]+-[a-z]+-1", first.name)
    assert second.name.endswith("-2")


def test_the_store_lies_where_dir_the_variable_or_wandb_dir_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with kerascope.init(dir=tmp_path / "a") as run:
        assert run.settings.root == tmp_path / "a"
    monkeypatch.delenv("KERASCOPE_DIR")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path / "b"))
    with kerascope.init() as run:
        assert run.settings.root == tmp_path / "b" / "kerascope"
        assert (tmp_path / "b" / "kerascope" / "store.json").is_file()


def test_environment_variables_of_scripts_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "WANDB_PROJECT": "faces",
        "WANDB_NAME": "named",
        "WANDB_NOTES": "noted",
        "WANDB_TAGS": "a, b",
        "WANDB_RUN_ID": "abc",
        "WANDB_RUN_GROUP": "g",
        "WANDB_JOB_TYPE": "train",
        "WANDB_ENTITY": "team",
        "WANDB_MODE": "dryrun",
    }.items():
        monkeypatch.setenv(name, value)
    run = kerascope.init()
    assert (run.path, run.name, run.notes, run.tags) == ("team/faces/abc", "named", "noted", ("a", "b"))
    assert (run.group, run.job_type, run.offline) == ("g", "train", True)


def test_arguments_beat_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_PROJECT", "faces")
    monkeypatch.setenv("KERASCOPE_PROJECT", "digits")
    with kerascope.init() as run:
        assert run.project == "digits"
    with kerascope.init(project="coins") as run:
        assert run.project == "coins"


@pytest.mark.parametrize(
    "arguments",
    [
        {"project": "a/b"},
        {"project": ""},
        {"project": 3},
        {"project": "x" * 129},
        {"entity": 3},
        {"id": "a b"},
        {"id": "../x"},
        {"id": 5},
        {"name": 5},
        {"notes": []},
        {"tags": 5},
        {"tags": [1]},
        {"group": 1},
        {"job_type": 1},
        {"mode": "fast"},
        {"mode": 1},
        {"resume": "maybe"},
        {"reinit": "perhaps"},
        {"dir": 3},
        {"save_code": "maybe"},
        {"settings": 3},
        {"settings": {"no_such": 1}},
        {"settings": {"console": "loud"}},
        {"config_exclude_keys": "a", "config": {"a": 1}},
        {"fork_from": 3},
        {"fork_from": "abc"},
        {"resume_from": "abc?_step=3"},
    ],
)
def test_wrong_arguments_raise_one_sentence_and_leave_nothing_behind(store: Store, arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="Received") as caught:
        kerascope.init(**arguments)
    assert "\n" not in str(caught.value)
    assert kerascope.run is None
    assert not store.root.exists()


def test_unknown_arguments_are_refused_with_a_hint() -> None:
    with pytest.raises(TypeError, match="Did you mean 'project'"):
        kerascope.init(projct="faces")


def test_a_second_init_returns_the_live_run_with_a_warning(capfd: pytest.CaptureFixture[str]) -> None:
    first = kerascope.init()
    assert kerascope.init(name="other") is first
    assert "still live" in capfd.readouterr().err


def test_reinit_finishes_the_live_run_first(store: Store) -> None:
    first = kerascope.init()
    second = kerascope.init(reinit=True)
    assert second is not first
    assert kerascope.run is second
    assert store.state(first.id).finish is not None
    with pytest.raises(UsageError):
        first.log({"a": 1})


def test_create_new_leaves_the_current_run_alone(store: Store) -> None:
    first = kerascope.init()
    second = kerascope.init(reinit="create_new")
    assert kerascope.run is first
    first.log({"a": 1})
    second.log({"a": 2})
    second.finish()
    assert kerascope.run is first
    assert store.rows(first.id) == {0: {"a": 1}}
    assert store.rows(second.id) == {0: {"a": 2}}


def test_disabled_runs_accept_every_call_and_write_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "work" / "f.txt").write_text("x")
    with kerascope.init(mode="disabled", config={"lr": 1}) as run:
        assert run.disabled
        assert run.dir == tempfile.gettempdir()
        run.log({"a": 1})
        run.log({"a": object()})
        run.summary["x"] = 1
        run.define_metric("a", summary="min")
        run.alert("title")
        assert run.save("f.txt") == []
        assert run.config.lr == 1
        assert run.summary["x"] == 1
        artifact = kerascope.Artifact("a", type="t")
        assert run.log_artifact(artifact) is artifact
        assert run.step == 2
        assert run.url is None
    assert not store.root.exists()


@pytest.mark.parametrize("variable", ["WANDB_DISABLED", "KERASCOPE_DISABLED"])
def test_runs_can_be_disabled_from_outside(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "true")
    assert kerascope.init().disabled


@pytest.mark.parametrize("mode", ["online", "offline", "shared"])
def test_all_other_modes_record_on_this_machine(store: Store, mode: str) -> None:
    with kerascope.init(mode=mode) as run:
        run.log({"a": 1})
        assert run.offline == (mode == "offline")
    assert store.rows(run.id) == {0: {"a": 1}}


def test_attributes_can_be_changed_and_are_recorded(store: Store) -> None:
    run = kerascope.init(tags=["a"])
    run.name = "better"
    run.notes = "more"
    run.tags += ("b",)
    state = store.state(run.id)
    assert (state.name, state.notes, state.tags) == ("better", "more", ("a", "b"))
    with pytest.raises(TypeError, match="`name` must be text"):
        run.name = 3  # type: ignore[assignment]


def test_a_store_of_a_newer_version_is_left_alone(store: Store) -> None:
    store.root.mkdir()
    store.paths.marker.write_text('{"format": 99}')
    with pytest.raises(StoreError, match="newer version"):
        kerascope.init()


def test_arguments_without_meaning_here_are_accepted_with_a_warning(capfd: pytest.CaptureFixture[str]) -> None:
    kerascope.init(
        sync_tensorboard=True, monitor_gym=True, settings=kerascope.Settings(start_method="fork", quiet=True)
    )
    text = capfd.readouterr().err
    assert "TensorBoard files are not read" in text
    assert "monitor_gym" in text


def test_the_segment_says_who_writes(store: Store) -> None:
    import os
    import socket

    run = kerascope.init()
    segment = store.events(run.id)[0]
    assert isinstance(segment, Segment)
    assert (segment.pid, segment.host, segment.rank, segment.attempt) == (os.getpid(), socket.gethostname(), 0, 0)
    assert 0 < segment.pid_start_s <= segment.time_s


@pytest.mark.parametrize(("who", "row"), [("first", {"x": 0}), ("all", {"x": 0, "rank1/x": 1})])
def test_the_first_of_many_processes_records_or_each_its_own_segment(
    store: Store, monkeypatch: pytest.MonkeyPatch, who: str, row: dict[str, int]
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("KERASCOPE_LOG_RANKS", who)
    for rank in (0, 1):
        monkeypatch.setenv("RANK", str(rank))
        with kerascope.init(id="abc", config={"lr": rank}) as run:
            run.log({"x": rank})
            assert run.summary["x"] == rank
    assert store.rows("abc") == {0: row}
    state = store.state("abc")
    assert (state.config, state.summary["x"], state.name) == ({"lr": 0}, 0, state.name)
    assert [(a.attempt, a.rank, a.world_size) for a in state.attempts] == [(0, i, 2) for i in range(len(row))]


def test_only_given_attributes_are_written_when_resuming(store: Store) -> None:
    kerascope.init(id="abc", name="first", notes="n").finish()
    kerascope.init(id="abc", resume="allow", notes="m").finish()
    infos = [event for event in store.events("abc") if isinstance(event, RunInfo)]
    assert infos[-1] == RunInfo(notes="m")


def test_login_needs_no_account() -> None:
    assert kerascope.login(key="x", relogin=True) is True


def test_notebooks_begin_anew_and_may_change_values(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    from types import SimpleNamespace

    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))  # type: ignore[arg-type]
    first = kerascope.init(config={"lr": 1})
    first.config.lr = 2
    second = kerascope.init()
    assert second is not first
    assert kerascope.run is second
