"""`kerascope run` behaves as `python` does, but for the old names; `kerascope upgrade` writes them anew."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kerascope.compat.ages import asks_for_acc
from kerascope.compat.upgrade import upgrade


def kerascope(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "KERAS_BACKEND": "jax", "KERASCOPE_DIR": str(folder / "store")}
    command = [sys.executable, "-m", "kerascope", *words]
    return subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False, timeout=600
    )


def test_script_sees_what_python_would_give_it_and_its_errors_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("VALUE = 5\n")
    lines = ["import sys", "from beside import VALUE", "from keras.layers.core import Dense", "import wandb"]
    lines += ["assert __name__ == '__main__' and VALUE == 5", "print(sys.argv[1:], __file__)"]
    lines += ["def fail():", "    Dense(2, no_such=1)", "fail()"]
    (tmp_path / "train.py").write_text("\n".join(lines) + "\n")
    done = kerascope(tmp_path, "run", "train.py", "--epochs", "3", "--json")
    assert done.stdout.strip() == "['--epochs', '3', '--json'] train.py"
    assert done.returncode == 1
    error, _, report = done.stderr.partition("kerascope: these names")
    frames = [line for line in error.splitlines() if line.startswith("  File")]
    assert frames[0].startswith('  File "train.py", line 9'), error
    assert "compat" not in error
    assert "keras.layers.core" in report
    assert "(train.py:3)" in report


def test_module_runs_too(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "train.py").write_text("import sys; print(__package__, sys.argv[1:]); sys.exit(3)\n")
    done = kerascope(tmp_path, "run", "-m", "package.train", "--lr", "1")
    assert (done.returncode, done.stdout.strip()) == (3, "package ['--lr', '1']")


def test_missing_script_is_one_sentence(tmp_path: Path) -> None:
    done = kerascope(tmp_path, "run", "no_such.py")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "no_such.py" in done.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from keras.layers.core import Dense  # kept\n", "from keras.layers import Dense  # kept\n"),
        ("import wandb\nwandb.init()\n", "import kerascope as wandb\nwandb.init()\n"),
        ("from wandb.keras import WandbCallback\n", "from kerascope.keras import WandbCallback\n"),
        ("from keras.utils import np_utils\n", "from keras import utils as np_utils\n"),
        ("from keras.utils.np_utils import to_categorical\n", "from keras.utils import to_categorical\n"),
        ("x = Dense(output_dim=3,   init='uniform')\n", "x = Dense(units=3,   kernel_initializer='uniform')\n"),
        ("x = Dropout(p=0.5)\n", "x = Dropout(rate=0.5)\n"),
        ("x = Adam(lr=0.1, epsilon=None, decay=0.0)\n", "x = Adam(learning_rate=0.1)\n"),
        ("m.fit_generator(g, nb_epoch=2, workers=4)\n", "m.fit(g, epochs=2)\n"),
        ("é = 'ü'; x = Dropout(p=0.5)\n", "é = 'ü'; x = Dropout(rate=0.5)\n"),
        ("m.compile('sgd', 'mse', ['mae'])\n", "m.compile('sgd', 'mse', metrics=['mae'])\n"),
        ("import keras\nx = 'acc or lr'\n", "import keras\nx = 'acc or lr'\n"),
        ("import tensorflow.keras as keras\n", "import keras\n"),
        (
            "import tensorflow as tf  # tf\nx = tf.keras.layers.Dense(1)\n",
            "import keras  # tf\nx = keras.layers.Dense(1)\n",
        ),
        ("import tensorflow as tf\nx = tf.keras, tf.nn\n", "import tensorflow as tf\nx = tf.keras, tf.nn\n"),
        ("import wandb as wb\nwb.join()\n", "import kerascope as wb\nwb.finish()\n"),
        (
            "import wandb.keras\nwandb.keras.WandbCallback()\n",
            "import kerascope as wandb\nwandb.keras.WandbCallback()\n",
        ),
        ("from wandb import join, Image as I\n", "from kerascope import finish, Image as I\n"),
        ("import wandb\nt = wandb.data_types.Table\n", "import kerascope as wandb\nt = wandb.Table\n"),
        ("import wandb\ne = wandb.errors.CommError\n", "import kerascope as wandb\ne = wandb.errors.CommError\n"),
        (
            "import wandb\nx = wandb.util.generate_id()\n",
            "import kerascope as wandb\nimport kerascope.compat.wandb_names\nx = kerascope.compat.wandb_names.generate_id()\n",
        ),
        ("import wandb\nwandb.log({'acc': 1})\n", "import kerascope as wandb\nwandb.log({'acc': 1})\n"),
        ("p = forest.predict_proba(x)\n", "p = forest.predict_proba(x)\n"),
    ],
)
def test_upgrade_writes_today_and_keeps_the_rest(old: str, new: str) -> None:
    assert upgrade(old).source == new
    assert upgrade(new).source == new


@pytest.mark.parametrize("text", ["m.add(Conv2D(4, 3, 2))", "m.add(Conv2D(4, (3, 3), 2))"])
def test_upgrade_leaves_kernel_size_and_strides_of_today_alone(text: str) -> None:
    source = "from keras.layers import Conv2D\n" + text + "\n"
    assert upgrade(source).source == source


def test_upgrade_joins_kernels_moves_decay_and_says_what_is_left() -> None:
    old = (
        "from keras.layers import Convolution2D\nfrom keras.optimizers import SGD\n"
        "a = Convolution2D(8, 3, 3, border_mode='same')\nb = SGD(lr=0.1, decay=1e-6, momentum=0.9)\nm.predict_classes(x)\n"
    )
    made = upgrade(old)
    assert "a = Conv2D(8, (3, 3), padding='same')" in made.source
    assert "b = SGD(learning_rate=InverseTimeDecay(0.1, 1, 1e-6), momentum=0.9)" in made.source
    assert "from keras.optimizers.schedules import InverseTimeDecay" in made.source
    assert [line for line, _ in made.left] == [5]


def test_upgrade_names_what_wandb_has_and_kerascope_has_not() -> None:
    made = upgrade("import wandb\nwandb.init()\nwandb.sklearn.plot_roc(y, p)\n")
    assert made.left == [
        (3, "`wandb.sklearn` has no counterpart. Use kerascope.plot (roc_curve, pr_curve, confusion_matrix).")
    ]


def test_upgrade_prints_a_diff_and_writes_only_when_told(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text("import wandb  # mine\n")
    done = kerascope(tmp_path, "upgrade", "train.py")
    assert "-import wandb  # mine\n+import kerascope as wandb  # mine\n" in done.stdout
    assert path.read_text() == "import wandb  # mine\n"
    assert kerascope(tmp_path, "upgrade", "--write", "train.py").returncode == 0
    assert path.read_text() == "import kerascope as wandb  # mine\n"


def test_old_metric_key_is_wanted_only_by_scripts_that_read_no_new_one() -> None:
    assert asks_for_acc(ast.parse("h['acc']"))
    assert not asks_for_acc(ast.parse("h['acc']; h['accuracy']"))
    assert not asks_for_acc(ast.parse("m.compile(metrics=['accuracy'])"))
