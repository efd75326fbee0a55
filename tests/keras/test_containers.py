"""Every container that `fit` takes, as data for examples, evaluation and gradients. Runs on every backend."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import kerascope
from kerascope.keras import WandbCallback
from kerascope.keras.batches import Source, join
from tests.keras.acceptance import holds
from tests.keras.models import data, drive, model_c, seed
from tests.keras.reading import Recorded, recorded

X, Y = data()


class Sequence(keras.utils.PyDataset):  # type: ignore[misc]
    """Four batches of 16, drawn from the user's random generators on the way."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        np.random.random(), random.random()
        return X[index * 16 :][:16], Y[index * 16 :][:16]


class Pulled:
    """A generator that counts."""

    def __init__(self) -> None:
        self.count = 0

    def batches(self, limit: int = 10**9) -> Iterator[Any]:
        while self.count < limit:
            index = self.count % 4
            self.count += 1
            yield X[index * 16 :][:16], Y[index * 16 :][:16]


def tf_dataset() -> Any:
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(16)


def loader(shuffle: bool = False) -> Any:
    torch = pytest.importorskip("torch")
    rows = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    return torch.utils.data.DataLoader(rows, batch_size=16, shuffle=shuffle)


FORMS: dict[str, Callable[[], Any]] = {
    "arrays": lambda: (X, Y),
    "tensors": lambda: (keras.ops.convert_to_tensor(X), keras.ops.convert_to_tensor(Y)),
    "sequence": Sequence,
    "generator": lambda: Pulled().batches(4),
    "tf.data": tf_dataset,
    "DataLoader": loader,
}


@pytest.fixture(scope="module")
def model() -> Any:
    return model_c()


def logged(store: Path, model: Any, form: Any, **more: Any) -> Recorded:
    run = kerascope.init(project="containers", dir=str(store))
    arguments = {
        "log_evaluation": True,
        "validation_steps": 4,
        "input_type": "image",
        "predictions": 8,
        "save_graph": False,
    }
    drive(WandbCallback(save_model=False, validation_data=form, **arguments, **more), model)
    return recorded(run, store)


@pytest.fixture(scope="module")
def arrays(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """What is logged of the plain arrays."""
    folder = tmp_path_factory.mktemp("arrays")
    return logged(folder, model, (X, Y), log_gradients=True, training_data=Source((X, Y), 16).batches())


@pytest.mark.parametrize("name", [name for name in FORMS if name != "arrays"])
def test_every_container_gives_what_arrays_give(store: Path, model: Any, arrays: Recorded, name: str) -> None:
    is_compared = name in ("generator", "DataLoader")  # each new callback compiles its gradient
    gradients = {"log_gradients": True, "training_data": FORMS[name]()} if is_compared else {}
    got = logged(store, model, FORMS[name](), **gradients)
    assert any(key.endswith(".gradient") for key in got.rows[0]) == is_compared
    assert got.rows[0]["examples"]["count"] == 8
    assert _cells(got) == _cells(arrays)
    for key, value in got.rows[0].items():
        if key.endswith(".gradient"):
            assert value["bins"] == pytest.approx(arrays.rows[0][key]["bins"], rel=1e-4, abs=1e-6)
    assert not [text for text in got.notices if "val_loss" not in text]


def _cells(got: Recorded) -> Any:
    return got.json_blob(got.rows[1]["validation_predictions"]["sha256"])["data"]


class Names(keras.utils.PyDataset):  # type: ignore[misc]
    """Dicts of inputs and targets."""

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Any:
        rows = slice(index * 16, index * 16 + 16)
        return {"picture": X[rows]}, {"kind": Y[rows]}


def test_dicts_of_arrays_are_taken_by_name(store: Path) -> None:
    seed(1)
    inputs = keras.Input((8, 8, 3), name="picture")
    out = keras.layers.Dense(10, activation="softmax", name="kind")(keras.layers.Flatten()(inputs))
    named = keras.Model({"picture": inputs}, {"kind": out})
    named.compile("sgd", {"kind": "sparse_categorical_crossentropy"})
    for form in (({"picture": X[:32]}, {"kind": Y[:32]}), Names()):
        gradients = {"log_gradients": True, "training_data": form} if isinstance(form, tuple) else {}
        got = logged(store, named, form, **gradients)
        table = got.json_blob(got.rows[1]["validation_predictions"]["sha256"])
        assert table["columns"][:2] == ["kind", "val_row"]
        assert len(table["data"]) == 32
        assert got.rows[0]["examples"]["count"] == 8
        assert ("gradients/kind/kernel.gradient" in got.rows[0]) == isinstance(form, tuple)


@pytest.mark.parametrize("name", ["tensors", "sequence", "tf.data", "DataLoader"])
@holds("Dataset as validation data of fit")
def test_what_fit_validates_on_is_found_in_every_container(store: Path, model: Any, name: str) -> None:
    run = kerascope.init(project="containers", dir=str(store))
    callback = WandbCallback(save_model=False, log_evaluation=True, input_type="image", predictions=8, save_graph=False)
    model.fit(X, Y, batch_size=32, epochs=2, verbose=0, validation_data=FORMS[name](), callbacks=[callback])
    got = recorded(run, store)
    assert [row["examples"]["count"] for row in got.rows[:2]] == [8, 8]
    assert got.rows[2]["validation_predictions"]["nrows"] == 64
    assert got.notices == []


def test_a_generator_of_fit_is_shown_but_never_pulled(store: Path, model: Any) -> None:
    counts = []
    for watched in (False, True):
        train, validate = Pulled(), Pulled()
        run = kerascope.init(project="containers", dir=str(store))
        callback = WandbCallback(save_model=False, log_evaluation=True, input_type="image", predictions=8)
        model.fit(
            train.batches(), shuffle=False, steps_per_epoch=2, epochs=2, verbose=0, validation_data=validate.batches(), validation_steps=2,
            callbacks=[callback] if watched else [],
        )  # fmt: skip
        counts.append((train.count, validate.count))
        got = recorded(run, store)
    if keras.backend.backend() != "tensorflow":  # whose pipelines pull ahead, on a thread of their own
        assert counts[0] == counts[1]
    assert got.rows[0]["examples"]["count"] == 8
    assert sum("only fit() may use up" in text for text in got.notices) == 1


def test_walking_a_container_leaves_the_random_generators_of_the_user_alone() -> None:
    torch = pytest.importorskip("torch")
    for form in (Sequence(), loader(shuffle=True)):
        source = Source(form)
        walks = []
        for _ in range(2):
            before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
            walks.append(join(list(source.batches())).y)
            assert before == (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())
        assert np.array_equal(*walks)
