"""`WandbModelCheckpoint`. Runs on every backend."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import kerascope
from kerascope.errors import UsageError
from kerascope.keras import WandbModelCheckpoint
from tests.keras.acceptance import holds
from tests.keras.models import regression, same, weights_of
from tests.keras.reading import Recorded, recorded


def fit(
    store: Path, path: Path | str, epochs: int = 2, learning_rate: float | None = None, **arguments: Any
) -> Recorded:
    """A training of 4 batches an epoch."""
    model, x, y = regression()
    if learning_rate is not None:
        model.compile(keras.optimizers.SGD(learning_rate), "mse")
    run = kerascope.init(project="checkpoints", dir=str(store))
    callback = WandbModelCheckpoint(path, **arguments)
    model.fit(x, y, batch_size=8, epochs=epochs, verbose=0, validation_data=(x, y), callbacks=[callback])
    return recorded(run, store)


@holds("WandbModelCheckpoint")
def test_each_epoch_is_a_version_with_aliases_and_metadata(store: Path, tmp_path: Path) -> None:
    got = fit(store, tmp_path / "m_{epoch:02d}.keras")
    name = f"run_{got.id}_model"
    assert sorted(p.name for p in tmp_path.glob("*.keras")) == ["m_01.keras", "m_02.keras"]
    assert got.aliases(name) >= {"epoch_0", "epoch_1"}
    first = got.artifact(f"{name}:epoch_0")
    assert [entry.path for entry in first.files()] == ["m_01.keras"]
    assert (first.type, first.metadata["epoch"], first.metadata["weights_only"]) == ("model", 0, False)
    assert got.artifact(f"{name}:latest").version == got.artifact(f"{name}:epoch_1").version
    assert keras.models.load_model(tmp_path / "m_02.keras").optimizer is not None


@holds("WandbModelCheckpoint, save_freq=3")
def test_batches_are_counted_across_epochs(store: Path, tmp_path: Path) -> None:
    got = fit(store, tmp_path / "f_{epoch}_{batch}.weights.h5", save_freq=3, save_weights_only=True)
    assert got.aliases(f"run_{got.id}_model") >= {"epoch_0_batch_2", "epoch_1_batch_1"}
    assert sorted(p.name for p in tmp_path.glob("*.h5")) == ["f_1_3.weights.h5", "f_2_2.weights.h5"]


@holds("WandbModelCheckpoint, save_best_only")
def test_nothing_better_means_no_version_and_no_error(store: Path, tmp_path: Path) -> None:
    for name in ("best_{epoch}.weights.h5", "best.weights.h5"):
        got = fit(store, tmp_path / name, learning_rate=0.0, epochs=3, save_best_only=True, save_weights_only=True)
        assert got.versions(f"run_{got.id}_model") == 1
        assert "best" in got.aliases(f"run_{got.id}_model")
        assert got.notices == []


def test_a_missing_monitor_or_name_is_told_once_and_training_goes_on(store: Path, tmp_path: Path) -> None:
    got = fit(
        store, tmp_path / "m.weights.h5", monitor="val_auc", save_best_only=True, save_weights_only=True, save_freq=2
    )
    assert sum("'val_auc' is missing" in text for text in got.notices) == 1
    got = fit(store, tmp_path / "{val_loss}.weights.h5", save_weights_only=True, save_freq=4)
    assert len(got.notices) == 1
    assert "val_loss" in got.notices[0]


def test_paths_of_older_keras_get_an_ending_and_a_warning(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kerascope.init(project="checkpoints", dir=str(store))
    expected = {
        ("my_model_{epoch:02d}", False): "my_model_{epoch:02d}.keras",
        ("models/", False): "models/model.keras",
        ("checkpoint", True): "checkpoint.weights.h5",
        ("w.h5", True): "w.weights.h5",
        ("m.h5", False): "m.h5",
    }
    for (path, weights), name in expected.items():
        assert WandbModelCheckpoint(path, save_weights_only=weights, options=None).filepath == name
    assert capsys.readouterr().err.count("Keras saves to files that end in") == 4


def test_wrong_arguments_are_refused(store: Path) -> None:
    kerascope.init(project="checkpoints", dir=str(store))
    for arguments in (
        {"filepath": 3}, {"filepath": "m.keras", "save_freq": 0}, {"filepath": "m.keras", "save_best_only": "false"},
        {"filepath": "m.keras", "monitor": None}, {"filepath": "m.keras", "resume": "yes"},
        {"filepath": "m.keras", "verbose": "loud"}, {"filepath": "m.keras", "save_format": "zip"},
        {"filepath": "m.keras", "save_format": "h5"},
        {"filepath": "m.keras", "initial_value_threshold": "0.1"},
        {"filepath": "m.keras", "initial_value_threshold": float("nan")},
        {"filepath": "m_{}.keras"}, {"filepath": "m_{epoch:zz}.keras"}, {"filepath": "m_{epoch.keras"},
    ):  # fmt: skip
        with pytest.raises(UsageError, match="Received"):
            WandbModelCheckpoint(**arguments)


def test_a_format_that_only_repeats_the_ending_is_taken(store: Path) -> None:
    kerascope.init(project="checkpoints", dir=str(store))
    for path, form in (("m.keras", "keras"), ("m.h5", "h5")):
        assert WandbModelCheckpoint(path, save_format=form).filepath == path


def test_a_savedmodel_needs_tensorflow(store: Path, tmp_path: Path) -> None:
    if keras.backend.backend() == "tensorflow":
        got = fit(store, tmp_path / "exported", epochs=1, save_format="tf")
        paths = {entry.path for entry in got.artifact(f"run_{got.id}_model:latest").files()}
        assert "saved_model.pb" in paths
        return
    kerascope.init(project="checkpoints", dir=str(store))
    with pytest.raises(UsageError, match="needs the TensorFlow backend"):
        WandbModelCheckpoint(tmp_path / "exported", save_format="tf")


def test_background_stores_the_same_versions(store: Path, tmp_path: Path) -> None:
    got = fit(store, tmp_path / "same.weights.h5", epochs=3, save_weights_only=True, background=True)
    name = f"run_{got.id}_model"
    assert got.versions(name) == 3
    assert {"epoch_0", "epoch_1", "epoch_2"} <= got.aliases(name)
    last = got.artifact(f"{name}:latest").files()[0]
    assert last.size == (tmp_path / "same.weights.h5").stat().st_size
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_background_works_on_file_systems_without_hard_links(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    forms: dict[str, dict[str, Any]] = {"w.weights.h5": {"save_weights_only": True}}
    if keras.backend.backend() == "tensorflow":
        forms["exported"] = {"save_format": "tf"}
    for name, form in forms.items():
        got = fit(store, tmp_path / name, epochs=1, background=True, **form)
        assert got.versions(f"run_{got.id}_model") == 1
        assert got.notices == []


def test_a_file_that_cannot_be_written_stops_nothing(store: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    got = fit(store, tmp_path / "file" / "m.weights.h5", save_weights_only=True)
    assert any("saving a checkpoint failed" in text for text in got.notices)


SCRIPT = """
import os, signal, sys
import keras
import kerascope
from kerascope.keras import WandbModelCheckpoint
from tests.keras.models import regression, weights_of
import numpy as np

folder, kill_at, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]

class Kill(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == kill_at and batch == 1:
            os.kill(os.getpid(), signal.SIGKILL)
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

model, x, y = regression()
kerascope.init(project="p", dir=folder + "/store")
checkpoint = WandbModelCheckpoint(folder + "/m.weights.h5", save_weights_only=True, resume=True)
history = model.fit(x, y, batch_size=8, epochs=4, verbose=0, callbacks=[checkpoint, Kill()])
np.savez(out, *weights_of(model))
print(history.epoch)
"""


def run_script(folder: Path, kill_at: int) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [sys.executable, "-c", SCRIPT, str(folder), str(kill_at), str(folder / "weights.npz")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


def test_a_killed_training_goes_on_as_if_it_had_not_been(store: Path, tmp_path: Path) -> None:
    killed = run_script(tmp_path, kill_at=2)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    states = sorted(path.name for path in (tmp_path / "m.resume").glob("*.npz"))
    assert states == ["epoch_00000000.npz", "epoch_00000001.npz"]
    # The newest state is torn, as a disk may leave it: the one before it is whole.
    newest = tmp_path / "m.resume" / states[1]
    (tmp_path / "m.resume" / "epoch_00000002.npz").write_bytes(newest.read_bytes()[:-500])

    model, x, y = regression()
    model.fit(x, y, batch_size=8, epochs=4, verbose=0)
    expected = weights_of(model)

    resumed = run_script(tmp_path, kill_at=-1)
    assert resumed.returncode == 0, resumed.stderr
    assert "[2, 3]" in resumed.stdout
    with np.load(tmp_path / "weights.npz") as stored:
        got = [stored[name] for name in stored.files]
    assert same(got, expected)
    assert not (tmp_path / "m.resume").exists()
