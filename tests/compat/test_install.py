"""`install` and `uninstall`: old names come, and everything goes back."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest

import kerascope.compat
from kerascope.compat.page import page
from kerascope.errors import Error

HOMES = [keras, keras.layers, keras.backend, keras.utils, keras.models, keras.saving, keras.optimizers, keras.Model,
         keras.layers.Dense, keras.layers.Layer, keras.callbacks.ModelCheckpoint, keras.callbacks.History]  # fmt: skip


@pytest.fixture
def aliases() -> Iterator[None]:
    kerascope.compat.install()
    yield
    kerascope.compat.uninstall()


def test_uninstall_restores_everything() -> None:
    from kerascope.keras.model import Model

    before = [dict(vars(home)) for home in [*HOMES, Model]]
    modules, finders = set(sys.modules), list(sys.meta_path)
    kerascope.compat.install()
    wandb = importlib.import_module("wandb")
    core = importlib.import_module("keras.layers.core")
    importlib.import_module("wandb.sdk.wandb_run")
    assert wandb.init is importlib.import_module("kerascope").init
    assert core.Dense is keras.layers.Dense
    assert keras.layers.Dropout(p=0.5).rate == 0.5
    kerascope.compat.uninstall()
    for home, then in zip([*HOMES, Model], before, strict=True):
        now = {name: value for name, value in vars(home).items() if name not in ("__abstractmethods__", "_abc_impl")}
        changed = {name for name in {*now, *then} if now.get(name) is not then.get(name)}
        assert {name for name in changed if not isinstance(now.get(name), type(sys))} == set(), home
    assert sys.meta_path == finders
    assert not [name for name in set(sys.modules) - modules if name.startswith(("wandb", "keras.layers."))]
    with pytest.raises(ValueError, match="lr"):
        keras.optimizers.SGD(lr=0.1)


@pytest.mark.usefixtures("aliases")
def test_translations_say_where_and_how_to_write_it_today() -> None:
    keras.optimizers.SGD(lr=0.5)
    found = next(one for one in kerascope.compat.translations() if one.old == "SGD(lr=...)")
    assert found.today == "SGD(learning_rate=...)"
    assert Path(found.file) == Path(__file__)
    assert found.line > 0


@pytest.mark.usefixtures("aliases")
def test_names_outside_say_what_to_use_instead() -> None:
    wandb = importlib.import_module("wandb")
    with pytest.raises(AttributeError, match=r"wandb\.sklearn is not part of kerascope.*Use kerascope\.plot"):
        _ = wandb.sklearn
    with pytest.raises(ModuleNotFoundError, match=r"wandb\.xgboost is not part of kerascope.*Use run\.log"):
        importlib.import_module("wandb.xgboost")


def test_page_is_made_from_the_tables() -> None:
    written = Path(__file__).resolve().parents[2] / "docs" / "compat.md"
    assert written.read_text(encoding="utf-8") == page()


@pytest.mark.usefixtures("aliases")
def test_locally_connected_layers_say_what_to_write() -> None:
    with pytest.raises(Error, match=r"LocallyConnected2D\. Use keras\.layers\.Conv2D"):
        keras.layers.LocallyConnected2D(4, (3, 3))


@pytest.mark.usefixtures("aliases")
def test_preparing_a_model_for_threads_does_no_harm() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    for name in ("_make_train_function", "_make_test_function", "_make_predict_function"):
        assert getattr(model, name)() is None


@pytest.mark.usefixtures("aliases")
def test_a_model_answers_several_threads_at_once_as_it_answers_one() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)])
    x = np.arange(48, dtype="float32").reshape(16, 3) / 48
    expected = [model.predict(x[: count + 1], verbose=0) for count in range(16)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda count: model.predict(x[: count + 1], verbose=0), range(16)))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


@pytest.mark.usefixtures("aliases")
def test_batches_of_images_are_taken_by_a_method_too() -> None:
    image = importlib.import_module("keras.preprocessing.image")
    stream = image.ImageDataGenerator().flow(np.zeros((3, 4, 4, 1)), batch_size=2, shuffle=False)
    assert stream.next().shape == (2, 4, 4, 1)
