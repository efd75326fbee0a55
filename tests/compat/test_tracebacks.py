"""What a failing program shows is its own traceback, with none of our frames on top, however it is run and however it ends."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import kerascope
import kerascope.compat
from kerascope.compat import runner

Ran = tuple[int, str, list[str]]


@pytest.fixture
def ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ran]]:
    """Runs source as the runner does and returns exit code, stderr and the frames that it shows."""
    monkeypatch.setenv("KERASCOPE_DIR", str(tmp_path / "store"))
    monkeypatch.setenv("KERASCOPE_QUIET", "true")
    monkeypatch.chdir(tmp_path)
    main, argv, path = sys.modules["__main__"], sys.argv, list(sys.path)

    def run(source: str, as_module: bool = False) -> Ran:
        Path("train.py").write_text(source)
        capsys.readouterr()
        try:
            program = runner.load_module("train") if as_module else runner.load_script("train.py")
            code = runner.run(program, [])
        except SystemExit as leaving:
            code = int(str(leaving.code))
        said = capsys.readouterr().err
        return code, said, [line.strip() for line in said.splitlines() if line.startswith("  File")]

    yield run
    kerascope.finish()
    kerascope.compat.uninstall()
    sys.modules["__main__"], sys.argv, sys.path[:] = main, argv, path


@pytest.mark.parametrize("as_module", [False, True])
def test_script_and_module_show_their_own_frames_only(ran: Callable[..., Ran], tmp_path: Path, as_module: bool) -> None:
    code, said, frames = ran(
        "def fail():\n    raise KeyError('k')\ntry:\n    fail()\nexcept KeyError:\n    1 / 0\n", as_module
    )
    name = str(tmp_path / "train.py") if as_module else "train.py"
    lines = [(4, "<module>"), (2, "fail"), (6, "<module>")]
    assert code == 1
    assert frames == [f'File "{name}", line {line}, in {where}' for line, where in lines]
    assert "During handling of the above exception" in said


def test_error_of_syntax_shows_the_line_and_no_frame(ran: Callable[..., Ran]) -> None:
    code, said, frames = ran("x = 1\nprint 'old'\n")
    assert code == 1
    assert frames == ['File "train.py", line 2']
    assert "SyntaxError: Missing parentheses" in said


def test_interrupt_shows_where_and_ends_with_130(ran: Callable[..., Ran]) -> None:
    code, said, frames = ran("def wait():\n    raise KeyboardInterrupt\nwait()\n")
    assert code == 130
    assert [one.split(", ", 1)[1] for one in frames] == ["line 3, in <module>", "line 2, in wait"]
    assert said.rstrip().endswith("KeyboardInterrupt")


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("import sys; sys.exit()", 0, ""),
        ("import sys; sys.exit(7)", 7, ""),
        ("raise SystemExit(3)", 3, ""),
        ("exit('no data')", 1, "no data\n"),
    ],
)
def test_exit_codes_are_the_programs(ran: Callable[..., Ran], source: str, code: int, said: str) -> None:
    assert ran(source)[:2] == (code, said)


def test_error_in_a_users_callback_ends_in_the_users_line(ran: Callable[..., Ran]) -> None:
    code, said, frames = ran(
        "import numpy as np, wandb\nfrom keras.models import Sequential\nfrom keras.layers.core import Dense\n"
        "from keras.callbacks import Callback\nfrom wandb.keras import WandbCallback\nwandb.init(project='p')\n"
        "class Mine(Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        return logs['no_such']\n"
        "model = Sequential([Dense(1, input_dim=2)])\nmodel.compile('sgd', 'mse')\n"
        "model.fit(np.zeros((4, 2)), np.zeros((4, 1)), verbose=0, callbacks=[WandbCallback(save_model=False), Mine()])\n"
    )
    assert code == 1
    assert frames[0] == 'File "train.py", line 12, in <module>'
    assert frames[-1] == 'File "train.py", line 9, in on_epoch_end'
    assert not [one for one in frames if "kerascope/compat" in one]
    assert "KeyError: 'no_such'" in said


def test_wrong_use_of_wandb_begins_in_the_users_line(ran: Callable[..., Ran]) -> None:
    code, said, frames = ran("import wandb\nwandb.log({'a': 1})\n")
    assert code == 1
    assert frames[0] == 'File "train.py", line 2, in <module>'
    assert "Error: " in said.splitlines()[-1]
