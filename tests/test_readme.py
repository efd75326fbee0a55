"""The lines that the README shows run as they stand, in an empty folder and an empty store."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS: list[str] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_lines_of_the_readme_train_a_net_and_read_its_history(tmp_path: Path) -> None:
    train, read = BLOCKS
    read = "found = " + read.replace("<run id>", "' + run + '").replace('"', "'")
    program = tmp_path / "lines.py"
    program.write_text(
        f"{train}\nrun = next(iter(kerascope.Api().runs('digits'))).id\n{read}\n"
        "print(len(found), found['val_accuracy'].iloc[-1], kerascope.Api().run('digits/' + run).state)\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KERASCOPE_", "WANDB_"))}
    environment |= {"KERASCOPE_DIR": str(tmp_path / "store"), "KERAS_BACKEND": "jax"}
    ended = subprocess.run(
        [sys.executable, "lines.py"],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert ended.returncode == 0, ended.stderr
    rows, accuracy, state = ended.stdout.splitlines()[-1].split()
    assert (rows, state) == ("5", "finished")
    assert float(accuracy) > 0.5
