"""The acceptance table of the callbacks, row by row, on whatever backend this process has."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import kerascope
from kerascope.keras import WandbCallback
from tests.keras.acceptance import holds
from tests.keras.models import data, model_c, regression, same, seed, weights_of
from tests.keras.reading import Recorded, recorded

NUMBERS = {"epoch", "loss", "accuracy", "val_loss", "val_accuracy"}


class LogAfterwards(keras.callbacks.Callback):
    """Has no business but being there."""


def train(store: Path, epochs: int = 2, **arguments: Any) -> Recorded:
    """Model C with numpy validation data and `save_model=False` unless said."""
    fit = arguments.pop("fit", {})
    model = arguments.pop("model", None) or model_c()
    run = kerascope.init(project="laws", dir=str(store))
    callback = WandbCallback(**{"save_model": False, "save_graph": False, **arguments})
    x, y = data()
    model.fit(
        x,
        y,
        **{"batch_size": 32, "epochs": epochs, "verbose": 0, "validation_data": (x, y), **fit},
        callbacks=[callback],
    )
    return recorded(run, store)


def numeric(row: dict[str, Any]) -> set[str]:
    return {name for name, value in row.items() if isinstance(value, int | float)}


def test_a_training_begins_while_media_are_still_being_stored(store: Path) -> None:
    run, begun, heard = kerascope.init(project="laws", dir=str(store)), threading.Event(), []
    run.worker.submit(lambda: heard.append(begun.wait(60)))
    x, y = data()
    begins = keras.callbacks.LambdaCallback(on_train_begin=lambda logs: begun.set())
    callback = WandbCallback(save_model=False, save_graph=False)
    model_c().fit(x, y, batch_size=32, verbose=0, validation_data=(x, y), callbacks=[callback, begins])
    run.finish()
    assert heard == [True]


@holds("default")
def test_by_default_rows_graph_best_and_model_are_kept(store: Path) -> None:
    run = kerascope.init(project="laws", dir=str(store), name="it is/odd")
    x, y = data()
    model = model_c()
    model.fit(x, y, batch_size=32, epochs=2, verbose=0, validation_data=(x, y), callbacks=[WandbCallback()])
    file = run.restore("model-best.h5")
    loaded = keras.models.load_model(file.name)
    file.close()
    folder = Path(run.dir)
    best_epoch = dict(run.summary)["best_epoch"]
    got = recorded(run, store)
    assert [numeric(row) for row in got.rows] == [NUMBERS, NUMBERS]
    assert [row["epoch"] for row in got.rows] == [0, 1]
    values = [row["val_loss"] for row in got.rows]
    assert got.summary["best_val_loss"] == min(values) == values[best_epoch]
    graph = got.json_blob(got.summary["graph"]["sha256"])
    assert [node["name"] for node in graph["nodes"]][1:] == ["conv", "bn", "flat", "out"]
    assert graph["nodes"][0]["class_name"] == "InputLayer"
    assert graph["nodes"][0]["output_shape"] == [[None, 8, 8, 3]]
    assert graph["nodes"][1]["output_shape"] == [None, 6, 6, 4]
    assert graph["nodes"][1]["num_parameters"] == 112
    assert graph["edges"][1:] == [["conv", "bn"], ["bn", "flat"], ["flat", "out"]]
    artifact = got.artifact("model-it_is_odd:best")
    assert [entry.path for entry in artifact.files()] == ["model.keras"]
    assert {"best", f"epoch_{best_epoch}"} <= got.aliases("model-it_is_odd")
    assert got.artifact("model-it_is_odd:latest").version == artifact.version
    assert got.versions("model-it_is_odd") == sum(v < min([np.inf, *values[:i]]) for i, v in enumerate(values))
    assert np.allclose(model.predict(x[:4], verbose=0), loaded.predict(x[:4], verbose=0)) or best_epoch != 1
    assert sorted(path.name for path in folder.iterdir()) == ["model-best.h5"]
    assert not list(folder.parent.glob(".saving-*"))


@holds("no validation data")
def test_without_validation_data_the_missing_monitor_is_told_once(store: Path) -> None:
    got = train(store, fit={"validation_data": None}, save_model=True)
    assert [numeric(row) for row in got.rows] == [NUMBERS - {"val_loss", "val_accuracy"}] * 2
    assert sum("'val_loss' is missing" in text for text in got.notices) == 1
    assert not any(name.startswith("best_") for name in got.summary)
    assert not (got.files / "model-best.h5").exists()


@holds("monitor=val_accuracy")
def test_accuracy_is_maximised_and_a_tie_is_no_improvement(store: Path) -> None:
    got = train(store, model=model_c(learning_rate=0.0), monitor="val_accuracy", epochs=3)
    assert got.summary["best_epoch"] == 0
    assert got.summary["best_val_accuracy"] == got.rows[0]["val_accuracy"]


@holds("mode=bogus")
def test_an_unknown_mode_warns_and_counts_as_auto(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kerascope.init(project="laws", dir=str(store))
    callback = WandbCallback(mode="bogus")
    assert "mode='bogus'" in capsys.readouterr().err
    assert callback.best == np.inf
    assert callback.monitor_op(1, 2)


@holds("log_best_prefix=None")
def test_without_a_prefix_there_are_no_best_keys_but_the_model_is_saved(store: Path) -> None:
    got = train(store, epochs=1, log_best_prefix=None, save_model=True, save_weights_only=True)
    assert not any("best" in name or name.startswith("None") for name in got.summary)
    assert (got.files / "model-best.h5").read_bytes() == (got.files / "model-best.weights.h5").read_bytes()
    model = model_c()
    model.optimizer.build(model.trainable_variables)
    model.load_weights(got.files / "model-best.weights.h5")


@holds("log_batch_frequency=2")
def test_batch_rows_come_between_epoch_rows(store: Path) -> None:
    got = train(store, epochs=3, log_batch_frequency=2, fit={"batch_size": 16})
    assert [("epoch" in row, row.get("batch")) for row in got.rows] == [
        (False, 0), (False, 2), (True, None), (False, 4), (False, 6), (True, None), (False, 8), (False, 10), (True, None),
    ]  # fmt: skip
    assert numeric(got.rows[0]) == {"loss", "accuracy", "batch"}


def test_batch_rows_find_their_multiple_inside_a_longer_call(store: Path) -> None:
    if keras.backend.backend() == "torch":
        pytest.skip("PyTorch runs one step per call")
    got = train(store, epochs=2, log_batch_frequency=2, fit={"batch_size": 8}, model=model_c(steps_per_execution=3))
    batches = [row["batch"] for row in got.rows if "batch" in row]
    assert batches == [2, 5, 7, 10, 13, 15]


@holds("log_weights")
def test_weights_keep_their_old_keys_and_others_are_called_by_name(store: Path) -> None:
    row = train(store, epochs=1, log_weights=True).rows[0]
    counts = {name: sum(v["values"]) for name, v in row.items() if name.startswith("parameters/")}
    assert counts == {
        "parameters/conv.weights": 108, "parameters/conv.bias": 4,
        "parameters/bn.gamma": 4, "parameters/bn.beta": 4, "parameters/bn.moving_mean": 4, "parameters/bn.moving_variance": 4,
        "parameters/out.weights": 1440, "parameters/out.bias": 10,
    }  # fmt: skip
    assert all(len(v["values"]) == 64 for name, v in row.items() if name.startswith("parameters/"))


@holds("log_gradients")
def test_gradients_of_training_data_and_of_fit_have_the_same_keys(store: Path) -> None:
    expected = {"conv/kernel": 108, "conv/bias": 4, "bn/gamma": 4, "bn/beta": 4, "out/kernel": 1440, "out/bias": 10}
    for arguments in ({"log_gradients": True, "training_data": data()}, {"log_gradients": "fit"}):
        row = train(store, epochs=1, **arguments).rows[0]
        counts = {name: sum(v["values"]) for name, v in row.items() if name.endswith(".gradient")}
        assert counts == {f"gradients/{name}.gradient": n for name, n in expected.items()}
    assert row["gradients/global_norm"] > 0
    assert row["gradients/global_norm_max"] >= row["gradients/global_norm"]


def test_training_is_bit_identical_with_every_option_on(store: Path, tmp_path: Path) -> None:
    x, y = data()

    def trained(callbacks: list[Any]) -> Any:
        model = model_c()
        model.fit(x, y, batch_size=16, epochs=2, verbose=0, validation_data=(x, y), callbacks=callbacks)
        return model

    plain = weights_of(trained([]))
    run = kerascope.init(project="laws", dir=str(store))
    everything = {
        "log_weights": True, "log_batch_frequency": 1, "training_data": (x, y), "input_type": "image", "predictions": 5,
        "labels": list("abcdefghij"), "log_evaluation": True, "log_evaluation_frequency": 1, "compute_flops": True,
    }  # fmt: skip
    for form in (True, "fit"):
        model = trained([WandbCallback(log_gradients=form, **everything)])
        assert same(plain, weights_of(model)), form
        assert all("applied_gradient" not in v.name for v in model.optimizer.variables)
        assert not {"_backend_update_step", "_distributed_tf_update_step"} & set(model.optimizer.__dict__)
    assert recorded(run, store).notices == []


@holds("compute_flops on C")
def test_flops_are_the_golden_ones(store: Path) -> None:
    got = train(store, epochs=1, compute_flops=True)
    assert got.summary["GFLOPs"] == pytest.approx(5.43e-06, rel=1e-12)


class Subclassed(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.inner = layers.Dense(3, activation="relu")
        self.head = layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.head(self.inner(x))


@holds("subclassed")
def test_a_subclassed_model_is_kept_and_logged_without_an_error(store: Path) -> None:
    _, x, y = regression()
    seed(1)
    model = Subclassed()
    model.compile("sgd", "mse")
    run = kerascope.init(project="laws", dir=str(store))
    callback = WandbCallback(log_weights=True, log_gradients="fit", compute_flops=True)
    model.fit(x, y, epochs=1, verbose=0, validation_data=(x, y), callbacks=[callback])
    got = recorded(run, store)
    assert got.versions(f"model-{run.name}") == 1
    assert got.notices == []
    graph = got.json_blob(got.summary["graph"]["sha256"])
    assert [node["class_name"] for node in graph["nodes"]] == ["Dense", "Dense"]
    assert sum(got.rows[0][f"parameters/{model.inner.name}.weights"]["values"]) == 12
    assert got.summary["GFLOPs"] * 2e9 == pytest.approx(2 * 4 * 3 + 3 + 2 * 3 + 1)
