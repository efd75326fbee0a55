"""What a notebook's shell does, command by command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kerascope.compat.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell({"name": "made", "count": 3}, is_notebook=True)


def test_names_are_filled_in_and_the_shells_own_are_left(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIND", "small")
    assert shell.getoutput("echo {name} $name {count + 1} $KIND $$KIND {unknown} '{print $1}'") == [
        "made made 4 small small {unknown} {print $1}"
    ]
    assert shell.getoutput("printf 'a\\nb'", split=False) == "a\nb"


@pytest.mark.parametrize(
    "command", ["pip install x", "pip3 -q install x", "python -m pip install x", "sudo apt-get install x"]
)
def test_installing_is_left_to_the_user(shell: Shell, command: str, capfd: pytest.CaptureFixture[str]) -> None:
    shell.system(command)
    assert "_exit_code" not in shell.user_ns
    assert "install packages before the run" in capfd.readouterr().err


def test_python_scripts_run_as_the_notebook_does(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "part.py").write_text("import wandb, kerascope\nassert wandb.init is kerascope.init\nprint('same')\n")
    assert shell.getoutput("python part.py") == ["same"]


def test_exit_code_of_a_command_is_kept(shell: Shell) -> None:
    shell.system("exit 3")
    assert shell.user_ns["_exit_code"] == 3


def test_environment_and_folder_are_changed(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "")
    shell.run_line_magic("env", "A=b c")
    assert shell.run_line_magic("env", "A") == "b c"
    shell.run_line_magic("set_env", "A d")
    assert shell.run_line_magic("env", "A") == "d"
    (tmp_path / "made").mkdir()
    shell.magic("cd {name}")
    assert shell.run_line_magic("pwd") == str(tmp_path / "made")


def test_cells_are_written_run_or_left_out(shell: Shell, capfd: pytest.CaptureFixture[str]) -> None:
    shell.run_cell_magic("writefile", "one.txt", "1\n")
    shell.run_cell_magic("writefile", "-a one.txt", "2")
    assert Path("one.txt").read_text() == "1\n2\n"
    shell.run_cell_magic("bash", "", "echo said\n")
    shell.run_cell_magic("time", "", "made = 5")
    shell.run_cell_magic("html", "", "<b>")
    shell.run_cell_magic("cython", "", "def f(): pass")
    said = capfd.readouterr()
    assert (said.out, shell.user_ns["made"]) == ("said\n", 5)
    assert said.err.count("left out") == 1
    assert "%%cython" in said.err


def test_what_a_cell_prints_is_captured(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.begin_capture("out")
    exec("print('hidden')")
    shell.end_capture()
    shell.end_capture()
    captured: Any = shell.user_ns["out"]
    assert (captured.stdout, captured.stderr, capsys.readouterr().out) == ("hidden\n", "", "")
    captured()
    assert capsys.readouterr().out == "hidden\n"
