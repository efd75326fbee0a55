"""What constructors refuse, and what they take."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import kerascope
from kerascope.errors import Error, UsageError
from kerascope.keras import WandbCallback
from tests.keras.models import data, drive, model_c, regression
from tests.keras.reading import recorded

WRONG: list[dict[str, Any]] = [
    {"monitor": 3}, {"monitor": ""}, {"verbose": "yes"}, {"mode": 1}, {"save_model": "false"}, {"save_weights_only": "no"},
    {"log_weights": "true"}, {"log_gradients": "all"}, {"log_gradients": True}, {"log_gradients": True, "training_data": (1, 2, 3, 4)},
    {"training_data": np.ones(3)}, {"validation_data": np.ones((4, 2))}, {"validation_data": [1]}, {"labels": "cat"}, {"labels": 3},
    {"predictions": 0}, {"predictions": -1}, {"predictions": 2.5}, {"generator": np.ones(3)}, {"generator": (1, 2)},
    {"input_type": "picture"}, {"output_type": "images_"}, {"data_type": "text"}, {"log_evaluation": "yes"}, {"validation_steps": 0},
    {"class_colors": [1, 2, 3]}, {"class_colors": [[255, 0, 0]]}, {"log_batch_frequency": -1}, {"log_batch_frequency": "batch"},
    {"log_best_prefix": 3}, {"save_graph": "no"}, {"validation_indexes": "abc"}, {"validation_row_processor": 3},
    {"prediction_row_processor": "f"}, {"output_row_processor": 1}, {"prediction_row_processor": dict, "output_row_processor": dict},
    {"infer_missing_processors": "x"}, {"log_evaluation_frequency": -1},
    {"compute_flops": "yes"}, {"log_ranks": "some"}, {"validation_data": (np.ones((4, 2)), np.ones(3))},
    {"training_data": ({"a": np.ones((4, 2)), "b": np.ones((5, 2))}, np.ones(4))}, {"validation_data": ([np.ones(4)], np.ones(4), np.ones(2))},
]  # fmt: skip


@pytest.mark.parametrize("arguments", WRONG, ids=str)
def test_a_wrong_argument_is_named_with_the_rule_what_was_received_and_the_way_out(
    store: Path, arguments: dict[str, Any]
) -> None:
    kerascope.init(project="arguments", dir=str(store))
    with pytest.raises(UsageError, match="Received: ") as caught:
        WandbCallback(**arguments)
    assert isinstance(caught.value, ValueError | TypeError)
    message = str(caught.value)
    assert any(name in message for name in arguments)
    assert re.search(r"Received: .+\. \S.+[.?]$", message), message


def test_unknown_keywords_warn_and_suggest(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kerascope.init(project="arguments", dir=str(store))
    WandbCallback(log_model=True, log_weight=True, something=1)
    shown = capsys.readouterr().err
    assert "no argument `log_model`; it is ignored. Did you mean 'save_model'?" in shown
    assert "`log_weight`; it is ignored. Did you mean 'log_weights'?" in shown
    assert "`something`; it is ignored.\n" in shown


def test_without_a_run_it_says_what_to_do() -> None:
    with pytest.raises(Error, match=r"init"):
        WandbCallback()


def test_attributes_that_scripts_touch(store: Path) -> None:
    run = kerascope.init(project="arguments", dir=str(store))
    x, y = data()
    callback = WandbCallback(predictions=500, validation_data=(x, y), data_type="image", monitor="val_acc")
    assert callback.best == -np.inf
    assert callback.monitor_op(2, 1)
    assert callback.filepath == str(Path(run.dir) / "model-best.h5")
    assert callback.validation_data[0] is x
    assert callback.generator is None
    assert callback.predictions == 100
    assert callback.input_type == "image"
    with pytest.raises(Error, match="needs a model"):
        callback.get_flops()
    callback.set_model(model_c())
    assert callback.output_type == "label"
    assert callback.get_flops() == pytest.approx(5.43e-06)


def test_the_best_value_of_an_earlier_attempt_counts_but_not_that_of_another_model(store: Path) -> None:
    run = kerascope.init(project="arguments", dir=str(store), id="resumed", resume="allow")
    run.summary["best_val_loss"] = 0.5
    assert WandbCallback().best == 0.5
    model, _, _ = regression()
    drive(WandbCallback(save_model=False), model, logs={"val_loss": 0.25})
    assert WandbCallback().best == np.inf
    run.finish()
    kerascope.init(project="arguments", dir=str(store), id="resumed", resume="must")
    callback = WandbCallback(save_model=False)
    assert callback.best == 0.25
    drive(callback, model, logs={"val_loss": 0.3})
    assert callback.best == 0.25


def test_a_line_per_improvement_if_verbose(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kerascope.init(project="arguments", dir=str(store))
    model, _, _ = regression()
    drive(WandbCallback(save_model=False, verbose=1), model, logs={"val_loss": 0.25})
    assert "Epoch 00000: val_loss improved from inf to 0.25000\n" in capsys.readouterr().err


def test_data_that_nothing_shows_is_told_of(store: Path) -> None:
    model, x, y = regression()
    for arguments, is_told in (({}, True), ({"log_evaluation": "results"}, False), ({"input_type": "label"}, False)):
        run = kerascope.init(project="arguments", dir=str(store))
        drive(WandbCallback(save_model=False, monitor="loss", validation_data=(x, y), **arguments), model)
        assert any("data to show, but not how" in text for text in recorded(run, store).notices) == is_told


def test_an_epoch_without_a_step_of_the_optimizer_has_no_gradients_and_says_so_once(store: Path) -> None:
    run = kerascope.init(project="arguments", dir=str(store))
    model, _, _ = regression()
    drive(WandbCallback(save_model=False, monitor="loss", log_gradients="fit"), model, epochs=3)
    got = recorded(run, store)
    assert [set(row) for row in got.rows] == [{"epoch", "loss"}] * 3
    assert len(got.notices) == 1
    assert "an epoch without any" in got.notices[0]


def test_batch_hooks_are_there_only_with_batch_logging(store: Path) -> None:
    kerascope.init(project="arguments", dir=str(store))
    for quiet in (WandbCallback(), WandbCallback(log_batch_frequency=0)):
        assert not {"on_train_batch_end", "on_batch_end", "on_train_batch_begin"} & set(quiet.__dict__)
        assert type(quiet).on_train_batch_end._is_default
    assert "on_train_batch_end" in WandbCallback(log_batch_frequency=1).__dict__


def test_a_disabled_run_keeps_nothing_and_stops_nothing(store: Path) -> None:
    kerascope.init(project="arguments", dir=str(store), mode="disabled")
    x, y = data(8)
    callback = WandbCallback(input_type="image", log_evaluation=True, validation_data=(x, y), log_weights=True)
    drive(callback, model_c(), logs={"val_loss": 1.0})
    assert not Path(callback.filepath).exists()


def test_importing_the_callbacks_loads_no_other_backend() -> None:
    code = (
        "import sys, kerascope.keras; from kerascope.keras import WandbCallback, WandbEvalCallback, WandbModelCheckpoint\n"
        "print([m for m in ('tensorflow', 'torch', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=None, timeout=300
    )
    assert done.stdout.strip() == ("[]" if keras.backend.backend() == "jax" else done.stdout.strip())


def test_keys_of_odd_models_are_unique_and_nested_ones_are_paths(store: Path) -> None:
    from kerascope.keras.weights import gradient_keys, weight_keys

    inputs = keras.Input((5, 3))
    inner = keras.Sequential([layers.Dense(2, name="d")], name="inner")
    out = layers.Dense(1, use_bias=False, name="d")(layers.LSTM(4, name="lstm")(inner(inputs)))
    model = keras.Model(inputs, out, name="m")
    assert [key for key, _ in weight_keys(model)] == [
        "parameters/inner/d.weights", "parameters/inner/d.bias",
        "parameters/lstm.kernel", "parameters/lstm.recurrent_kernel", "parameters/lstm.bias", "parameters/d.weights",
    ]  # fmt: skip
    keys = [key for key, _ in gradient_keys(model)]
    assert len(set(keys)) == 6
    assert keys[-1] == "gradients/d/kernel.gradient"
