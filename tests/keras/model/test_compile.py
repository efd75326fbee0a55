"""Laws of `compile`: what it accepts, what it refuses, and what the numbers are called and worth afterwards."""

from __future__ import annotations

import inspect

import keras
import numpy as np
import pytest

from kerascope.keras.model import Model
from tests.keras.model.nets import (
    L,
    compiled,
    double,
    expected,
    expected_b,
    features,
    mae,
    mse,
    single,
    steady,
    targets,
)

X = features()
Y = targets()
YB = targets(width=1)
LOSS_A, LOSS_B = mse(Y, expected(X)), mse(YB, expected_b(X))
MAE_A, MAE_B = mae(Y, expected(X)), mae(YB, expected_b(X))

SIGNATURES = {
    "compile": "optimizer loss=None metrics=None loss_weights=None sample_weight_mode=None weighted_metrics=None "
    "target_tensors=None",
    "fit": "x=None y=None batch_size=None epochs=1 verbose=1 callbacks=None validation_split=0.0 validation_data=None "
    "shuffle=True class_weight=None sample_weight=None initial_epoch=0 steps_per_epoch=None validation_steps=None "
    "validation_freq=1 max_queue_size=10 workers=1 use_multiprocessing=False",
    "evaluate": "x=None y=None batch_size=None verbose=1 sample_weight=None steps=None callbacks=None "
    "max_queue_size=10 workers=1 use_multiprocessing=False",
    "predict": "x batch_size=None verbose=0 steps=None callbacks=None max_queue_size=10 workers=1 "
    "use_multiprocessing=False",
    "train_on_batch": "x y sample_weight=None class_weight=None reset_metrics=True",
    "test_on_batch": "x y sample_weight=None reset_metrics=True",
    "predict_on_batch": "x",
    "fit_generator": "generator steps_per_epoch=None epochs=1 verbose=1 callbacks=None validation_data=None "
    "validation_steps=None validation_freq=1 class_weight=None max_queue_size=10 workers=1 use_multiprocessing=False "
    "shuffle=True initial_epoch=0",
    "evaluate_generator": "generator steps=None callbacks=None max_queue_size=10 workers=1 use_multiprocessing=False "
    "verbose=0",
    "predict_generator": "generator steps=None callbacks=None max_queue_size=10 workers=1 use_multiprocessing=False "
    "verbose=0",
    "get_layer": "name=None index=None",
}


@pytest.mark.parametrize("method", SIGNATURES)
def test_arguments_have_the_classic_names_order_and_defaults(method):
    parameters = list(inspect.signature(getattr(Model, method)).parameters.values())[1:]
    found = [
        one.name if one.default is one.empty else f"{one.name}={one.default!r}"
        for one in parameters
        if one.kind is not one.VAR_KEYWORD
    ]
    assert found == SIGNATURES[method].split()


def test_third_and_fourth_positional_arguments_are_metrics_and_loss_weights():
    model = double()
    model.compile(steady(), "mse", ["mae"], [1.0, 0.5], run_eagerly=True)
    got = model.evaluate([X, X], [Y, YB], verbose=0)
    np.testing.assert_allclose(got, [LOSS_A + 0.5 * LOSS_B, LOSS_A, LOSS_B, MAE_A, MAE_B], rtol=1e-5)
    assert model.metrics_names == ["loss", "oa_loss", "ob_loss", "oa_mae", "ob_mae"]


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamax", "nadam"])
def test_optimizer_by_name(name):
    model = single()
    model.compile(name, "mse")
    assert type(model.optimizer).__name__.lower() == name


def test_optimizer_is_required_and_checked():
    with pytest.raises(TypeError):
        single().compile()
    with pytest.raises(ValueError, match="no_such_opt"):
        single().compile("no_such_opt", "mse")
    adam = keras.optimizers.Adam()
    model = single()
    model.compile(adam, "mse")
    assert model.optimizer is adam


def test_optimizers_take_the_arguments_of_keras_2():
    from kerascope.keras.model import optimizers

    model = single()
    model.compile(optimizers.SGD(lr=0.1, decay=0.5, momentum=0.9, nesterov=True), "mse", run_eagerly=True)
    assert type(model.optimizer).__name__ == "SGD"
    assert float(model.optimizer.learning_rate) == pytest.approx(0.1)
    model.train_on_batch(X, Y)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.1 / 1.5)
    for name in ("RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam"):
        made = getattr(optimizers, name)(0.25, epsilon=None)
        assert type(made).__name__ == name
        assert float(made.learning_rate) == 0.25


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"loss": "no_such_loss"}, "Unknown loss function"),
        ({"loss": 7}, "Unknown loss function"),
        ({"loss": "mse", "metrics": ["no_such_metric"]}, "Unknown metric function"),
        ({"loss": "mse", "metrics": [None]}, "Unknown metric function"),
        ({"loss": "mse", "weighted_metrics": ["no_such_metric"]}, "Unknown metric function"),
        ({"loss": "mse", "metrics": "mae"}, "not understood"),
        ({"loss": "mse", "sample_weight_mode": "no_such_mode"}, "temporal"),
        ({"loss": ["mse", "mae", "mape"]}, "one entry per model output"),
        ({"loss": []}, "one entry per model output"),
        ({"loss": {"zzz": "mse"}}, "Unknown entry in loss dict"),
        ({"loss": "mse", "loss_weights": [1.0]}, "one entry per model output"),
        ({"loss": "mse", "loss_weights": {"zzz": 1.0}}, "Unknown entry in loss_weights dict"),
        ({"loss": "mse", "metrics": {"zzz": "mae"}}, "Unknown entry in metrics dict"),
        ({"loss": "mse", "metrics": [["mae"], ["mae"], ["mae"]]}, "one entry per model output"),
        ({"loss": "mse", "sample_weight_mode": {"zzz": "temporal"}}, "Unknown entry in sample_weight_mode dict"),
        ({"loss": "mse", "sample_weight_mode": {"oa": "temporal"}}, "missing"),
        ({"loss": "mse", "sample_weight_mode": ["temporal"]}, "one entry per model output"),
        ({"loss": "mse", "target_tensors": [Y]}, "one entry per model output"),
        ({"loss": "mse", "target_tensors": {"zzz": Y}}, "Unknown entry in target_tensors dict"),
    ],
)
def test_bad_arguments_are_refused_at_compile(arguments, words):
    with pytest.raises(ValueError, match=words):
        double().compile("sgd", **arguments)


@pytest.mark.parametrize(
    "arguments", [{"loss_weights": (0.5, 0.5)}, {"metrics": "mae"}, {"target_tensors": set()}, {"loss_weights": "x"}]
)
def test_containers_of_the_wrong_type_are_type_errors(arguments):
    with pytest.raises(TypeError):
        double().compile("sgd", "mse", **arguments)


def test_unbuilt_models_check_names_at_compile_too():
    for arguments in ({"loss": "nope"}, {"loss": "mse", "metrics": ["nope"]}, {"loss": "mse", "metrics": "mae"}):
        with pytest.raises(ValueError, match=r"nope|not understood"):
            Model().compile("sgd", **arguments)


LOSS_CASES = {
    "one loss for every output": ("mse", None, [LOSS_A + LOSS_B, LOSS_A, LOSS_B]),
    "list": (["mse", "mae"], None, [LOSS_A + MAE_B, LOSS_A, MAE_B]),
    "dict": ({"ob": "mae", "oa": "mse"}, None, [LOSS_A + MAE_B, LOSS_A, MAE_B]),
    "weights as list": ("mse", [2.0, 0.5], [2 * LOSS_A + 0.5 * LOSS_B, LOSS_A, LOSS_B]),
    "weights as dict": ("mse", {"ob": 0.5, "oa": 2.0}, [2 * LOSS_A + 0.5 * LOSS_B, LOSS_A, LOSS_B]),
    "weights for one output": ("mse", {"ob": 0.5}, [LOSS_A + 0.5 * LOSS_B, LOSS_A, LOSS_B]),
    "weights dict with loss dict": ({"oa": "mse", "ob": "mae"}, {"oa": 3.0}, [3 * LOSS_A + MAE_B, LOSS_A, MAE_B]),
    "weights dict with loss list": (["mse", "mae"], {"oa": 3.0}, [3 * LOSS_A + MAE_B, LOSS_A, MAE_B]),
}


@pytest.mark.parametrize("case", LOSS_CASES)
def test_total_loss_is_the_weighted_sum_of_the_losses_of_the_outputs(case):
    loss, weights, wanted = LOSS_CASES[case]
    model = compiled(double(), loss, loss_weights=weights)
    assert model.metrics_names == ["loss", "oa_loss", "ob_loss"]
    np.testing.assert_allclose(model.test_on_batch([X, X], [Y, YB]), wanted, rtol=1e-5)


@pytest.mark.parametrize("loss", [{"ob": "mae"}, [None, "mae"]])
def test_an_output_without_loss_takes_no_target(loss):
    model = compiled(double(), loss)
    assert model.metrics_names == ["loss", "ob_loss"]
    np.testing.assert_allclose(model.test_on_batch([X, X], YB), [MAE_B, MAE_B], rtol=1e-5)
    np.testing.assert_allclose(model.test_on_batch([X, X], {"ob": YB}), [MAE_B, MAE_B], rtol=1e-5)
    np.testing.assert_allclose(model.test_on_batch([X, X], [Y, YB]), [MAE_B, MAE_B], rtol=1e-5)


def test_losses_can_be_functions_of_the_user_or_of_keras():
    def mine(y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_pred - y_true), axis=-1)

    for loss in (mine, keras.losses.mean_squared_error, keras.losses.MeanSquaredError(), "mean_squared_error"):
        assert compiled(loss=loss).test_on_batch(X, Y) == pytest.approx(LOSS_A, rel=1e-5)


METRIC_CASES = {
    "flat list goes to every output": (["mae"], ["oa_mae", "ob_mae"]),
    "flat list as long as the outputs": (["mae", "mse"], ["oa_mae", "oa_mse", "ob_mae", "ob_mse"]),
    "dict": ({"oa": "mae"}, ["oa_mae"]),
    "dict of lists": ({"oa": ["mae", "mse"], "ob": "mae"}, ["oa_mae", "oa_mse", "ob_mae"]),
    "list of lists": ([["mae"], ["mae", "mse"]], ["oa_mae", "ob_mae", "ob_mse"]),
}


@pytest.mark.parametrize("case", METRIC_CASES)
def test_metrics_are_named_after_outputs_in_the_order_of_evaluate(case):
    metrics, names = METRIC_CASES[case]
    model = compiled(double(), metrics=metrics)
    assert model.metrics_names == ["loss", "oa_loss", "ob_loss", *names]
    values = model.test_on_batch([X, X], [Y, YB])
    wanted = {"oa_mae": MAE_A, "ob_mae": MAE_B, "oa_mse": LOSS_A, "ob_mse": LOSS_B}
    np.testing.assert_allclose(values[3:], [wanted[name] for name in names], rtol=1e-5)
    assert len(values) == len(model.metrics_names)


@pytest.mark.parametrize("word", ["accuracy", "acc"])
@pytest.mark.parametrize("kind", ["categorical", "sparse", "binary"])
def test_accuracy_follows_the_loss_and_keeps_its_name(word, kind):
    rng = np.random.default_rng(0)
    a = keras.Input((3,))
    if kind == "binary":
        model = Model(a, L.Dense(1, activation="sigmoid")(a))
        y, loss = rng.integers(0, 2, (10, 1)), "binary_crossentropy"
    else:
        model = Model(a, L.Dense(3, activation="softmax")(a))
        labels = rng.integers(0, 3, (10,))
        y = np.eye(3)[labels] if kind == "categorical" else labels
        loss = f"{'sparse_' if kind == 'sparse' else ''}categorical_crossentropy"
    compiled(model, loss, [word])
    assert model.metrics_names == ["loss", word]
    p = model.predict(X)
    right = (p > 0.5) == y if kind == "binary" else p.argmax(1) == (y.argmax(1) if kind == "categorical" else y)
    assert model.evaluate(X, y, verbose=0)[1] == pytest.approx(np.mean(right), abs=1e-6)


def test_binary_crossentropy_of_several_units_has_binary_accuracy():
    a = keras.Input((3,))
    model = compiled(Model(a, L.Dense(2, activation="sigmoid")(a)), "binary_crossentropy", ["accuracy"])
    y = (targets() > 0.5).astype("float32")
    assert model.evaluate(X, y, verbose=0)[1] == pytest.approx(np.mean((model.predict(X) > 0.5) == y), abs=1e-6)


def test_metric_functions_and_objects_are_called_by_their_names():
    def mymet(y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_pred - y_true), axis=-1)

    model = compiled(metrics=[mymet, keras.metrics.MeanAbsoluteError(name="far"), keras.metrics.mean_absolute_error])
    assert model.metrics_names == ["loss", "mymet", "far", "mean_absolute_error"]
    np.testing.assert_allclose(model.test_on_batch(X, Y), [LOSS_A, LOSS_A, MAE_A, MAE_A], rtol=1e-5)


def test_names_are_known_right_after_compile_and_stay():
    model = compiled(metrics=["mae"], weighted_metrics=["mae"], optimizer=keras.optimizers.SGD(0.01))
    assert model.metrics_names == ["loss", "mae", "mae_1"]
    history = model.fit(X, Y, verbose=0).history
    assert model.metrics_names == ["loss", "mae", "mae_1"] == list(history)
    assert len(model.evaluate(X, Y, verbose=0)) == 3


def test_weighted_metrics_follow_sample_and_class_weights_and_plain_ones_do_not():
    model = compiled(metrics=["mae"], weighted_metrics=["mae"])
    w = np.linspace(0, 2, 10, dtype="float32")
    errors = np.abs(Y - expected(X)).mean(1)
    losses = ((Y - expected(X)) ** 2).mean(1)
    got = model.evaluate(X, Y, sample_weight=w, verbose=0)
    np.testing.assert_allclose(got, [np.mean(w * losses), MAE_A, np.sum(w * errors) / np.sum(w)], rtol=1e-5)

    weights = {0: 1.0, 1: 3.0}
    w = np.array([weights[row.argmax()] for row in Y])
    got = model.train_on_batch(X, Y, class_weight=weights)
    np.testing.assert_allclose(got, [np.mean(w * losses), MAE_A, np.sum(w * errors) / np.sum(w)], rtol=1e-5)


def sequence_model():
    a = keras.Input((4, 3))
    model = Model(a, L.Dense(2, use_bias=False)(a))
    return model


def test_temporal_weights_weigh_every_timestep():
    model = sequence_model()
    compiled(model, sample_weight_mode="temporal")
    x, y = np.random.default_rng(0).random((2, 5, 4, 3)).astype("float32")
    y = y[..., :2]
    w = np.random.default_rng(1).random((5, 4)).astype("float32")
    wanted = np.mean(w * ((y - model.predict(x)) ** 2).mean(-1))
    assert model.evaluate(x, y, sample_weight=w, verbose=0) == pytest.approx(wanted, rel=1e-5)
    assert model.train_on_batch(x, y, sample_weight=w) == pytest.approx(wanted, rel=1e-5)
    assert model.fit(x, y, sample_weight=w, verbose=0).history["loss"][0] == pytest.approx(wanted, rel=1e-5)
    with pytest.raises(ValueError, match="2D sample_weight"):
        model.train_on_batch(x, y, sample_weight=w[:, 0])
    compiled(model)
    with pytest.raises(ValueError, match='sample_weight_mode="temporal"'):
        model.train_on_batch(x, y, sample_weight=w)


@pytest.mark.parametrize("mode", [None, [None, "temporal"], {"oa": None, "ob": "temporal"}])
def test_sample_weight_modes_are_accepted_per_output(mode):
    double().compile("sgd", "mse", sample_weight_mode=mode)


def test_temporal_weights_need_a_time_axis():
    model = compiled(double(), sample_weight_mode={"oa": None, "ob": "temporal"})
    with pytest.raises(ValueError, match="at least 3"):
        model.train_on_batch([X, X], [Y, YB], sample_weight={"ob": np.ones((10, 4))})


@pytest.mark.parametrize("form", ["tensor", "list", "dict", "variable"])
def test_target_tensors_stand_for_y(form):
    tensor = keras.ops.convert_to_tensor(Y)
    given = {"tensor": tensor, "list": [tensor], "dict": {"out": tensor}, "variable": keras.Variable(Y)}[form]
    model = compiled(target_tensors=given)
    assert model.train_on_batch(X, None) == pytest.approx(LOSS_A, rel=1e-5)
    assert model.fit(X, None, verbose=0).history["loss"][0] == pytest.approx(LOSS_A, rel=1e-5)
    assert model.evaluate(X, verbose=0) == pytest.approx(LOSS_A, rel=1e-5)
    with pytest.raises(ValueError, match="target_tensors"):
        model.train_on_batch(X, Y)


def test_target_tensors_for_some_outputs_leave_the_others_to_y():
    model = compiled(double(), target_tensors={"oa": Y})
    np.testing.assert_allclose(model.test_on_batch([X, X], YB), [LOSS_A + LOSS_B, LOSS_A, LOSS_B], rtol=1e-5)
    model = compiled(double(), target_tensors=[Y, YB])
    model.train_on_batch([X, X], None, sample_weight={"oa": np.ones(10)})


def test_session_keywords_pass_and_unknown_ones_raise_at_the_first_run():
    model = compiled(options=None, run_metadata=None)
    assert model.test_on_batch(X, Y) == pytest.approx(LOSS_A, rel=1e-5)
    model = compiled(foo_option=1)
    with pytest.raises(ValueError, match="foo_option"):
        model.test_on_batch(X, Y)


def test_keras_3_keywords_keep_working():
    model = single()
    model.compile("sgd", "mse", jit_compile=False, run_eagerly=True, steps_per_execution=1, auto_scale_loss=False)
    assert model.run_eagerly
    assert model.evaluate(X, Y, verbose=0, return_dict=True)["loss"] == pytest.approx(LOSS_A, rel=1e-5)


def test_compiling_again_starts_anew():
    model = compiled(metrics=["mae"])
    compiled(model, loss="mae")
    assert model.metrics_names == ["loss"]
    assert model.test_on_batch(X, Y) == pytest.approx(MAE_A, rel=1e-5)


@pytest.mark.parametrize(
    "old", ["cosine", "cosine_proximity", "huber_loss", "kullback_leibler_divergence", "logcosh", "categorical_hinge"]
)
def test_losses_keep_their_names_of_keras_2_and_are_metrics_too(old):
    model = compiled(single(), old, [old])
    assert model.metrics_names == ["loss", old]
    loss, metric = model.evaluate(X, Y + 0.1, verbose=0)
    assert abs(loss) == pytest.approx(abs(metric), rel=1e-4)


def test_functions_of_any_name_are_losses_and_metrics():
    def _private(y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

    model = single()
    model.compile("sgd", _private, [lambda y_true, y_pred: keras.ops.mean(y_pred), _private])
    assert model.metrics_names == ["loss", "<lambda>", "_private"]
    loss, mean, same = model.evaluate(X, Y, verbose=0)
    assert loss == pytest.approx(same, rel=1e-5)
    assert mean == pytest.approx(float(model.predict(X).mean()), rel=1e-4)
    model.compile("sgd", lambda y_true, y_pred: keras.ops.mean(y_pred, axis=-1))
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(mean, rel=1e-4)


@pytest.mark.parametrize("kind", ["int32", "int64", "uint8", "bool"])
def test_targets_that_are_whole_numbers_reach_metrics_as_floats(kind):
    def product(y_true, y_pred):
        return keras.ops.mean(y_true * y_pred - y_true)

    y = (Y > 0.5).astype(kind)
    for eager in (True, False):
        model = compiled(single(), "mse", [product], run_eagerly=eager)
        values = [model.evaluate(X, y, verbose=0)[1], model.train_on_batch(X, y)[1]]
        wanted = float(np.mean(y * expected(X) - y.astype("float32")))
        assert values == pytest.approx([wanted, wanted], rel=1e-4)


def test_class_numbers_for_categorical_crossentropy_are_told_of():
    a = keras.Input((3,))
    model = compiled(Model(a, L.Dense(1, activation="softmax", name="out")(a)), "categorical_crossentropy")
    with pytest.raises(ValueError, match=r"You are passing a target array of shape \(10, 1\).*to_categorical"):
        model.fit(X, Y[:, :1], verbose=0)


def test_targets_may_be_a_list_of_numbers_of_numpy():
    a = keras.Input((3,))
    model = compiled(Model(a, L.Dense(1)(a)))
    assert model.train_on_batch(X, list(Y[:, 0])) == pytest.approx(model.train_on_batch(X, Y[:, 0]))
