"""Files of models are replaced whole or not at all. Runs on every backend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import kerascope
from kerascope.errors import WrongValueError
from kerascope.keras import WandbCallback
from kerascope.keras.saving import check_savedmodel_possible, save_model
from tests.keras.models import drive, regression, same
from tests.keras.reading import recorded


class Nameless(layers.Layer):  # type: ignore[misc]
    """A layer that no format knows how to describe."""

    def call(self, x: Any) -> Any:
        return x

    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError("nobody knows")


@pytest.mark.parametrize("name", ["m.keras", "m.h5", "m.weights.h5"])
def test_a_file_is_replaced_whole_or_left_as_it_was(tmp_path: Path, name: str) -> None:
    model, x, y = regression()
    path = tmp_path / "deep" / name
    save_model(model, path)
    first = path.read_bytes()
    model.fit(x, y, epochs=1, verbose=0)
    save_model(model, path)
    second = path.read_bytes()
    assert first != second
    if name == "m.weights.h5":
        fresh, _, _ = regression()
        fresh.optimizer.build(fresh.trainable_variables)
        fresh.load_weights(path)
    else:
        fresh = keras.models.load_model(path, compile=False)  # Keras cannot read every loss back from an .h5
        broken = keras.Sequential([layers.Input((4,)), Nameless()])
        with pytest.raises(NotImplementedError, match="nobody knows"):
            save_model(broken, path)
    assert same(*([np.asarray(w) for w in m.get_weights()] for m in (model, fresh)))
    assert path.read_bytes() == second
    assert [p.name for p in path.parent.iterdir()] == [name]


def test_an_hdf5_file_takes_no_optimizer_away_from_the_model_and_the_files_after_it(tmp_path: Path) -> None:
    model, x, y = regression()
    model.compile(keras.optimizers.Adagrad(0.1), "mse")
    model.fit(x, y, epochs=1, verbose=0)
    before = model.get_compile_config()
    save_model(model, tmp_path / "m.h5")
    assert model.get_compile_config() == before
    save_model(model, tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert isinstance(loaded.optimizer, keras.optimizers.Adagrad)
    assert int(loaded.optimizer.iterations) == int(model.optimizer.iterations) > 0


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    if keras.backend.backend() != "tensorflow":
        with pytest.raises(WrongValueError, match="needs the TensorFlow backend"):
            check_savedmodel_possible("exported")
        return
    import tensorflow as tf

    model, x, y = regression()
    for _ in range(2):
        model.fit(x, y, epochs=1, verbose=0)
        save_model(model, tmp_path / "exported")
    assert [p.name for p in tmp_path.iterdir()] == ["exported"]
    loaded = tf.saved_model.load(str(tmp_path / "exported"))
    assert np.allclose(loaded.serve(tf.constant(x)).numpy(), model.predict(x, verbose=0), atol=1e-6)


def test_a_model_that_no_format_can_describe_is_kept_as_weights_and_told_of(store: Path) -> None:
    run = kerascope.init(project="saving", dir=str(store), name="odd")
    model = keras.Sequential([layers.Input((4,)), layers.Dense(2), Nameless()])
    model.compile("sgd", "mse")
    drive(WandbCallback(monitor="loss"), model, epochs=2)
    got = recorded(run, store)
    assert [entry.path for entry in got.artifact("model-odd:best").files()] == ["model.weights.h5"]
    assert (got.files / "model-best.h5").read_bytes() == (got.files / "model-best.weights.h5").read_bytes()
    assert len(got.notices) == 1
    assert "cannot be saved as a whole" in got.notices[0]
