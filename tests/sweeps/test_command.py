"""The command line of a trial: every macro of wandb's sweep configuration."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from kerascope.errors import UsageError
from kerascope.sweeps.command import command_line

VALUES = {"lr": 0.1, "flag": True, "off": False, "optim": {"name": "adam"}, "sizes": [1, 2]}


def line(tmp_path: Path, *command: str) -> list[str]:
    config = {"program": "train.py", "command": list(command)}
    return command_line(config, VALUES, tmp_path / "trial-000000.json", {"HOME": "/home/me"})


def test_program_runs_as_kerascope_run_does_unless_a_command_is_given(tmp_path: Path) -> None:
    words = command_line({"program": "train.py"}, {"lr": 0.1}, tmp_path / "t.json", {})
    assert words == [sys.executable, "-m", "kerascope", "run", "--no-report", "train.py", "--lr=0.1"]


@pytest.mark.parametrize(
    ("macro", "words"),
    [
        ("${env}", ["/usr/bin/env"]),
        ("${interpreter}", [sys.executable]),
        ("${program}", ["train.py"]),
        ("${args}", ["--lr=0.1", "--flag=True", "--off=False", "--optim.name=adam", "--sizes=[1, 2]"]),
        ("${args_no_hyphens}", ["lr=0.1", "flag=True", "off=False", "optim.name=adam", "sizes=[1, 2]"]),
        ("${args_no_boolean_flags}", ["--lr=0.1", "--flag", "--optim.name=adam", "--sizes=[1, 2]"]),
        ("${args_json}", [json.dumps(VALUES)]),
        ("in ${envvar:HOME}/x ${envvar:NONE}", ["in /home/me/x "]),
    ],
)
def test_macros_become_words(tmp_path: Path, macro: str, words: list[str]) -> None:
    assert line(tmp_path, macro) == words


def test_values_go_into_a_file_beside_the_trial(tmp_path: Path) -> None:
    (path,) = line(tmp_path, "${args_json_file}")
    assert json.loads(Path(path).read_text()) == VALUES
    assert Path(path).parent == tmp_path


def test_sweep_without_a_program_needs_a_function(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs a function"):
        command_line({}, {}, tmp_path / "t.json", {})
