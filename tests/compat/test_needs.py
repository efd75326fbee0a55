"""Laws of which programs are run without Keras: those alone that cannot come to use it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kerascope.compat.needs import may_use_keras


def uses(text: str, folder: Path) -> bool:
    return may_use_keras(ast.parse(text), str(folder))


@pytest.mark.parametrize(
    "text",
    [
        "print('hi')",
        "import argparse, json\nimport numpy as np\nfrom sklearn.linear_model import SGDClassifier",
        "import torch\nnet = torch.nn.Linear(2, 1)\nnet.eval()",
        "import torch.nn as nn\nimport wandb\nwandb.init(config={'lr': 0.1})",
    ],
)
def test_programs_of_known_packages_do_without(tmp_path: Path, text: str) -> None:
    assert not uses(text, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "import keras",
        "from keras.layers import Dense",
        "import tensorflow as tf",
        "from wandb.keras import WandbCallback",
        "import wandb\nwandb.keras.WandbCallback()",
        "import unknown_package",
        "import importlib\nimportlib.import_module('ker' + 'as')",
        "from importlib import import_module",
        "__import__('ker' + 'as')",
        "exec(open('other.py').read())",
        "import pickle",
        "import joblib",
        "import kerascope",
        "name = 'keras'",
    ],
)
def test_whatever_may_lead_to_keras_counts_as_using_it(tmp_path: Path, text: str) -> None:
    assert uses(text, tmp_path)


def test_modules_of_the_programs_own_are_looked_into(tmp_path: Path) -> None:
    (tmp_path / "data.py").write_text("import numpy\nimport train\n")
    (tmp_path / "nets" / "deep").mkdir(parents=True)
    (tmp_path / "nets" / "__init__.py").write_text("from .deep import block\n")
    (tmp_path / "nets" / "deep" / "block.py").write_text("import math\n")
    (tmp_path / "train.py").write_text("import data, nets\n")
    assert not uses("import data\nfrom nets import deep", tmp_path)
    (tmp_path / "nets" / "deep" / "block.py").write_text("import keras\n")
    assert uses("import data", tmp_path)
    (tmp_path / "nets" / "deep" / "block.py").write_text("print 'of Python 2'\n")
    assert uses("import data", tmp_path)


def test_an_own_module_goes_before_a_package_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("import keras\n")
    assert uses("import numpy", tmp_path)


@pytest.mark.parametrize(("text", "is_imported"), [("import wandb", False), ("import wandb, beside", True)])
def test_keras_is_imported_for_programs_that_may_use_it(tmp_path: Path, text: str, is_imported: bool) -> None:
    (tmp_path / "beside.py").write_text("from keras.layers.core import Dense\n")
    (tmp_path / "train.py").write_text(
        f"import sys\n{text}\nwandb.init\nprint(any('k' + 'eras' == name for name in sys.modules))\n"
    )
    surroundings = {**os.environ, "KERAS_BACKEND": "jax", "KERASCOPE_DIR": str(tmp_path / "store")}
    command = [sys.executable, "-m", "kerascope", "run", "--no-report", "train.py"]
    done = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=True)
    assert done.stdout == f"{is_imported}\n"
