"""Agents run trials: functions here, programs in children, several agents at once, and the method that learns."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

import kerascope
from kerascope.cli.main import main
from kerascope.errors import Error, NotFoundError, UsageError
from kerascope.paths import StorePaths
from kerascope.sweeps import store
from kerascope.sweeps.choose import choose
from kerascope.sweeps.space import nested


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in (("DIR", str(tmp_path / "store")), ("QUIET", "true"), ("PACKAGES", "false"), ("CONSOLE", "off")):
        monkeypatch.setenv(f"KERASCOPE_{name}", value)
    return tmp_path / "store"


def test_trial_gives_its_run_project_values_and_sweep() -> None:
    made = kerascope.sweep(
        {"method": "random", "parameters": {"lr": {"min": 0.1, "max": 0.2}, "n": {"value": 3}}}, project="p"
    )
    before = random.getstate()
    runs = []

    def train() -> None:
        with kerascope.init(project="other", config={"lr": 5, "batch": 8}) as run:
            run.config.update({"lr": 9, "more": 1})
            runs.append((run.project, run.group, run.sweep_id, run.config.as_dict()))

    kerascope.agent(f"someone/p/{made}", train, count=2)
    for project, group, sweep_id, config in runs:
        assert (project, group, sweep_id) == ("p", f"sweep-{made}", made)
        assert 0.1 <= config.pop("lr") < 0.2
        assert config == {"batch": 8, "n": 3, "more": 1}
    assert len({str(one[3]) for one in runs}) == 1
    assert kerascope.run is None
    assert random.getstate() == before
    assert kerascope.Api().run(f"p/{kerascope.Api().sweep(made).runs[0].id}").config["n"] == 3


def test_grid_ends_after_every_combination_and_a_failing_trial_is_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    made = kerascope.sweep(
        {
            "method": "grid",
            "metric": {"name": "score", "goal": "maximize"},
            "parameters": {"a": {"values": [1, 2, 3]}, "b": {"min": 0, "max": 1}},
        }
    )
    seen = []

    def train() -> None:
        run = kerascope.init()
        seen.append((run.config.a, run.config.b))
        run.log({"score": run.config.a * 10 + run.config.b})
        if run.config.a == 2:
            raise RuntimeError("this trial is meant to fail")

    kerascope.agent(made, train)
    assert sorted(seen) == [(a, b) for a in (1, 2, 3) for b in (0, 1)]
    sweep = kerascope.Api().sweep(made)
    assert [one.state for one in sweep.runs].count("failed") == 2
    best = sweep.best_run()
    assert best is not None
    assert best.summary["score"] == 31
    assert "this trial is meant to fail" in capsys.readouterr().err
    kerascope.agent(made, train)
    assert len(seen) == 6


def test_deleted_runs_are_none_of_a_sweeps_and_never_its_best(own_store: Path) -> None:
    made = kerascope.sweep({"method": "grid", "metric": {"name": "score"}, "parameters": {"a": {"values": [1, 2, 3]}}})

    def train() -> None:
        with kerascope.init() as run:
            run.log({"score": run.config.a})

    kerascope.agent(made, train)
    hidden, purged, left = sorted(kerascope.Api().sweep(made).runs, key=lambda run: run.summary["score"])
    hidden.delete()
    for switches in ([], ["--purge", "--yes"]):
        assert main(["rm", purged.id, *switches]) == 0
    sweep = kerascope.Api().sweep(made)
    assert [one.id for one in sweep.runs] == [left.id]
    best = sweep.best_run()
    assert best is not None
    assert best.id == left.id
    hidden.restore()
    assert {one.id for one in sweep.runs} == {hidden.id, left.id}


def test_bayes_is_told_what_every_earlier_trial_of_the_agent_gave(own_store: Path) -> None:
    made = kerascope.sweep(
        {
            "method": "bayes",
            "metric": {"name": "loss", "goal": "minimize"},
            "parameters": {"x": {"min": -10.0, "max": 10.0}, "kind": {"values": ["a", "b"]}, "n": {"min": 1, "max": 3}},
        }
    )
    losses: list[float] = []
    tried: list[dict[str, object]] = []

    def train() -> None:
        with kerascope.init() as run:
            losses.append((run.config.x - 2.0) ** 2 + (5.0 if run.config.kind == "a" else 0.0) + run.config.n)
            tried.append(run.config.as_dict())
            run.log({"loss": losses[-1]})

    kerascope.agent(made, train, count=10)
    found = store.find(StorePaths(own_store), made, None)
    told = found.told()
    assert [one.value for one in told] == losses
    for number in (7, 9):
        chosen = choose("bayes", found.parameters, found.id, number, told[:number], maximize=False)
        assert chosen is not None
        assert nested(chosen.values) == tried[number]


def test_agents_of_several_processes_share_a_sweep(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text(
        "import argparse, wandb\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--rate', type=float)\n"
        "parser.add_argument('--size', type=int)\n"
        "args = parser.parse_args()\n"
        "run = wandb.init(config=args)\n"
        "assert run.config.rate == args.rate and run.sweep_id, run.config\n"
        "run.log({'loss': args.rate * args.size})\n"
    )
    sheet = tmp_path / "sweep.yaml"
    sheet.write_text(
        f"program: {program}\nmethod: grid\nmetric: {{name: loss, goal: minimize}}\n"
        "command: ['${interpreter}', -c, \"import sys, kerascope; sys.modules['wandb'] = kerascope; exec(open(sys.argv.pop(1)).read())\", "
        "'${program}', '${args}']\n"
        "parameters:\n  rate: {values: [0.5, 0.25]}\n  size: {min: 1, max: 2}\n"
    )
    command = [sys.executable, "-m", "kerascope"]
    done = subprocess.run(
        [*command, "sweep", str(sheet), "-p", "shared", "--json"], capture_output=True, text=True, check=True
    )
    made = json.loads(done.stdout)["sweep"]
    agents = [subprocess.Popen([*command, "agent", made], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate(timeout=300)[1] for one in agents]
    assert [one.returncode for one in agents] == [0, 0], said
    sweep = kerascope.Api().sweep(f"shared/{made}")
    assert sorted((one.config["rate"], one.config["size"]) for one in sweep.runs) == [
        (0.25, 1),
        (0.25, 2),
        (0.5, 1),
        (0.5, 2),
    ]
    assert {one.state for one in sweep.runs} == {"finished"}
    results = [
        store.read(path)
        for path in sorted(
            (StorePaths(Path(os.environ["KERASCOPE_DIR"])).project("shared") / "sweeps" / made).glob("*.result")
        )
    ]
    assert sorted(one["value"] for one in results) == [0.25, 0.5, 0.5, 1.0]
    subprocess.run([*command, "sweep", "--stop", made], check=True)
    assert store.find(StorePaths(Path(os.environ["KERASCOPE_DIR"])), made).claim() is None


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("no-such.yaml", "readable YAML"),
        (5, "must be a map"),
        ({"method": "random"}, "`parameters` must be"),
        ({"method": "hyper", "parameters": {"x": {"value": 1}}}, "`method` must be one of"),
        ({"method": "grid", "parameters": {"x": {"min": 0.0, "max": 1.0}}}, "countable"),
        ({"method": "bayes", "parameters": {"x": {"min": 0.0, "max": 1.0}}}, "needs a metric"),
        (
            {"method": "grid", "parameters": {"x": {"value": 1}}, "metric": {"name": "a", "goal": "up"}},
            "`goal` must be",
        ),
        ({"method": "grid", "parameters": {"x": {"value": 1}}, "run_cap": "ten"}, "`run_cap` must be"),
        ({"method": "grid", "parameters": {"x": {"value": 1}}, "run_cap": 0}, "`run_cap` must be"),
    ],
)
def test_wrong_sweeps_are_refused(config: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        kerascope.sweep(config)  # type: ignore[arg-type]


def test_agent_needs_a_sweep_and_something_to_run() -> None:
    with pytest.raises(NotFoundError, match="must be a sweep"):
        kerascope.agent("nosuchid", print)
    made = kerascope.sweep({"method": "grid", "parameters": {"x": {"value": 1}}})
    with pytest.raises(Error, match="needs a function"):
        kerascope.agent(made)
    with pytest.raises(UsageError, match="`count`"):
        kerascope.agent(made, print, count=-1)
