"""The documentation of the Model class of the Keras 2 era, sentence by sentence, with the tests that hold each of them.

`SENTENCES` follows the document from its first line to its last: one entry per sentence, named
"method / argument (or part) / what it says", with the laws that hold it. A law is a row of a table ("fit.x_array"), or a
test function ("test_fit.test_nan_targets_give_a_nan_loss"). Sentences that no other file holds are rows here. All of these
files run on JAX, TensorFlow and PyTorch (`test_backends.LAWS`).
"""

from __future__ import annotations

import importlib
import inspect
import threading

import keras
import numpy as np
import pytest

from kerascope.keras.model import Input, Model
from tests.keras.model import test_contract_calls, test_contract_compile, test_contract_fit
from tests.keras.model.nets import L, Record, compiled
from tests.keras.model.rows import (
    MAE,
    MSE,
    MSE_B,
    SQUARES,
    YB,
    Raises,
    W,
    X,
    Y,
    bare,
    check,
    double,
    fitted,
    printed,
    single,
)
from tests.keras.model.test_backends import LAWS
from tests.keras.model.test_compile import SIGNATURES
from tests.keras.model.test_contract_calls import DICTS, Numbered, numbered
from tests.keras.model.test_contract_fit import order


def moved(units, train, **kwargs):
    """How far one update with a learning rate of 1 moves each kernel of a model with one or two outputs."""
    optimizer = keras.optimizers.SGD(1.0)
    model = double(optimizer=optimizer, **kwargs) if units == 2 else single(optimizer=optimizer, **kwargs)
    before = model.get_weights()
    train(model)
    return [one - two for one, two in zip(before, model.get_weights(), strict=True)]


def gradient(rows=slice(None), y=Y):
    """The gradient of the mean squared error of `y` over some rows."""
    x, y = X[rows], y[rows]
    return 2 * x.T @ (0.5 * x.sum(1, keepdims=True) - y) / y.size


def alike(found, wanted):
    return all(np.allclose(one, two, atol=1e-5) for one, two in zip(found, wanted, strict=True))


def weighted_sum_is_minimised():
    found = moved(2, lambda model: model.train_on_batch([X, X], [Y, YB]), loss_weights=[0.5, 2.0])
    return alike(found, [0.5 * gradient(), 2.0 * gradient(y=YB)])


def sum_is_minimised():
    found = moved(2, lambda model: model.train_on_batch([X, X], [Y, YB]), loss=["mse", "mse"])
    return alike(found, [gradient(), gradient(y=YB)])


def trained_on(**kwargs):
    return alike(moved(1, lambda model: model.fit(X, Y, verbose=0, **kwargs)), [gradient()])


def trained_on_the_first_seven():
    return alike(moved(1, lambda model: model.fit(X, Y, verbose=0, validation_split=0.3)), [gradient(slice(7))])


def mode_of_the_second_output():
    """One weight per sample for the first output, one per timestep for the second."""
    a = keras.Input((4, 3))
    flat = L.Dense(1, use_bias=False, kernel_initializer="ones", name="flat")(L.GlobalAveragePooling1D()(a))
    steps = L.Dense(1, use_bias=False, kernel_initializer="ones", name="steps")(a)
    found = []
    x, y, zeros = np.ones((2, 4, 3)), np.zeros((2, 1)), np.zeros((2, 4, 1))
    for mode in ([None, "temporal"], {"flat": None, "steps": "temporal"}):
        model = compiled(Model(a, [flat, steps]), sample_weight_mode=mode)
        found.append(model.train_on_batch(x, [y, zeros], sample_weight=[np.array([1.0, 0.0]), np.eye(2, 4)]))
    return found


def sizes_of(phase, call):
    record = Record()
    call([record])
    return sum(event.startswith(phase) and event[1:].isdigit() for event in record.events)


def steps_of_tensors(samples, **kwargs):
    x = keras.ops.convert_to_tensor(np.resize(X, (samples, 3)))
    y = keras.ops.convert_to_tensor(np.resize(Y, (samples, 2)))
    return sizes_of("b", lambda callbacks: single().fit(x, y, verbose=0, callbacks=callbacks, **kwargs))


def own_tensors():
    """A model whose input and target read tensors: no data is given to any call."""
    a = Input(tensor=keras.ops.convert_to_tensor(X))
    model = Model(a, L.Dense(2, use_bias=False)(a))
    model.set_weights([np.full((3, 2), 0.5)])
    compiled(model, target_tensors=keras.ops.convert_to_tensor(Y))
    history = model.fit(steps_per_epoch=2, validation_steps=1, verbose=0).history
    return [
        *(history[name][0] for name in ("loss", "val_loss")),
        model.evaluate(verbose=0),
        model.train_on_batch([], None),
        model.test_on_batch({}, None),
        list(model.predict(None, steps=3).shape),
    ]


def in_test_mode():
    a = keras.Input((3,))
    model = compiled(Model(a, L.Dropout(0.9)(L.Dense(2, use_bias=False, kernel_initializer="ones")(a))))
    wanted = float(np.mean((Y - X.sum(1, keepdims=True)) ** 2))
    got = [model.evaluate(X, Y, verbose=0), model.test_on_batch(X, Y)]
    return [abs(float(one) - wanted) < 1e-4 for one in got]


def threads_of(call, workers):
    seen = []

    def batches():
        while True:
            seen.append(threading.current_thread() is threading.main_thread())
            yield X, Y

    call(batches(), workers=workers)
    return sorted(set(seen))


def evaluating(generator, **kwargs):
    return single().evaluate_generator(generator, 2, **kwargs)


def predicting(generator, **kwargs):
    return bare().predict_generator(generator, 2, **kwargs)


def read_ahead(call):
    made = []

    def batches():
        while True:
            made.append(1)
            yield X, Y

    call(batches(), max_queue_size=2)
    return 2 <= len(made) <= 2 + 2 + 2


def fit_events(**kwargs):
    record = Record()
    single().fit_generator(numbered(), 2, verbose=0, callbacks=[record], **kwargs)
    return record.events


def arrays_from_file(path):
    """The example of the document: lines of a file become batches, dicts by name, for ever."""
    path.write_text("1 2 3\n4 5 9\n")

    def batches():
        while True:
            with path.open() as lines:
                for line in lines:
                    one, two, y = (np.full((2, 1), float(number)) for number in line.split())
                    yield {"input_1": one, "input_2": two}, {"output": y}

    a, b = keras.Input((1,), name="input_1"), keras.Input((1,), name="input_2")
    added = L.Dense(1, use_bias=False, kernel_initializer="ones", name="output")(L.Add()([a, b]))
    model = compiled(Model([a, b], added), loss="mae")
    return model.fit_generator(batches(), steps_per_epoch=4, epochs=3, verbose=0).history["loss"]


def timestep_weights(mode):
    a = keras.Input((4, 3))
    model = Model(a, L.Dense(1, use_bias=False, kernel_initializer="ones")(a))
    compiled(model, sample_weight_mode=mode)
    return model.test_on_batch(np.ones((2, 4, 3)), np.zeros((2, 4, 1)), sample_weight=np.eye(2, 4))


ROWS = {
    "compile.loss.minimised": (sum_is_minimised, True),
    "compile.loss_weights.minimised": (weighted_sum_is_minimised, True),
    "compile.swm.by_output": (mode_of_the_second_output, [[4.5 + 2.25, 4.5, 2.25]] * 2),
    "compile.metrics.in_training_and_testing": (
        lambda: [list(fitted(single(metrics=["mae"]))), len(single(metrics=["mae"]).test_on_batch(X, Y))],
        [["loss", "mae"], 2],
    ),
    "fit.whole_data_once_an_epoch": (lambda: trained_on(batch_size=10), True),
    "fit.val_split_not_trained_on": (trained_on_the_first_seven, True),
    "fit.val_data_not_trained_on": (lambda: trained_on(validation_data=(X, 9 * Y)), True),
    "fit.shuffle_beside_steps": (
        lambda: [order(shuffle, steps_per_epoch=12) for shuffle in (True, "batch")],
        [list(range(12))] * 2,
    ),
    "fit.sample_weight.train_only": (
        lambda: fitted(single(), sample_weight=W, validation_data=(X, Y)),
        {"loss": float(np.mean(SQUARES * W)), "val_loss": MSE},
    ),
    "fit.steps_of_tensors": (lambda: [steps_of_tensors(70), steps_of_tensors(10, batch_size=5)], [3, 2]),
    "fit.val_steps_count": (
        lambda: sizes_of(
            "t",
            lambda callbacks: single().fit(
                X, Y, steps_per_epoch=1, validation_data=(X, Y), validation_steps=3, verbose=0, callbacks=callbacks
            ),
        ),
        3,
    ),
    "own_tensors": (own_tensors, [MSE, MSE, MSE, MSE, MSE, [30, 2]]),
    "evaluate.test_mode": (in_test_mode, [True, True]),
    "evaluate.batch_size_default": (
        lambda: sizes_of(
            "t",
            lambda callbacks: single().evaluate(
                np.resize(X, (70, 3)), np.resize(Y, (70, 2)), verbose=0, callbacks=callbacks
            ),
        ),
        3,
    ),
    "evaluate.lists": (lambda: double().evaluate([X, X], [Y, YB], verbose=0), [MSE + MSE_B, MSE, MSE_B]),
    "evaluate.steps_count": (
        lambda: sizes_of("t", lambda callbacks: single().evaluate(X, Y, steps=3, verbose=0, callbacks=callbacks)),
        3,
    ),
    "predict.steps_count": (
        lambda: sizes_of("p", lambda callbacks: bare().predict(X, steps=3, callbacks=callbacks)),
        3,
    ),
    "predict.batch_size": (
        lambda: sizes_of("p", lambda callbacks: bare().predict(X, batch_size=4, callbacks=callbacks)),
        3,
    ),
    "tob.list_of_one": (lambda: single().train_on_batch([X], [Y]), MSE),
    "tob.labels": (lambda: len(double(metrics=["mae"]).train_on_batch(*DICTS)), 5),
    "teb.dict": (lambda: double().test_on_batch(*DICTS), [MSE + MSE_B, MSE, MSE_B]),
    "teb.list_of_one": (lambda: single().test_on_batch([X], [Y]), MSE),
    "fg.verbose": (
        lambda: [
            "Epoch 1/1" in printed(lambda v=v: single().fit_generator(numbered(), 2, verbose=v)) for v in (0, 1, 2)
        ],
        [False, True, True],
    ),
    "fg.callbacks": (
        lambda: fit_events(validation_data=(X, Y)),
        [
            *("train_begin", "epoch_begin 0", "b0", "b1"),
            *("test_begin", "t0", "test_end", "epoch_end 0", "train_end"),
        ],
    ),
    "fg.val_tuple_weights": (
        lambda: single().fit_generator(numbered(), 1, verbose=0, validation_data=(X, Y, W)).history["val_loss"],
        [float(np.mean(SQUARES * W))],
    ),
    "fg.val_steps_of_arrays": (
        lambda: fit_events(validation_data=(X, Y), validation_steps=9).count("t0"),
        1,
    ),
    "fg.val_not_trained_on": (
        lambda: alike(
            moved(1, lambda model: model.fit_generator(iter([(X, Y)]), 1, verbose=0, validation_data=(X, 9 * Y))),
            [gradient()],
        ),
        True,
    ),
    "fg.endless": (lambda: single().fit_generator(numbered(), 1, epochs=4, verbose=0).epoch, [0, 1, 2, 3]),
    "eg.dicts": (lambda: double().evaluate_generator(iter([DICTS]), 1), [MSE + MSE_B, MSE, MSE_B]),
    "eg.weights": (lambda: single().evaluate_generator(iter([(X, Y, W)]), 1), float(np.mean(SQUARES * W))),
    "eg.metrics": (lambda: single(metrics=["mae"]).evaluate_generator(iter([(X, Y)]), 1), [MSE, MAE]),
    "eg.workers": (lambda: [threads_of(evaluating, 0), threads_of(evaluating, 1)], [[True], [False]]),
    "eg.max_queue": (lambda: read_ahead(evaluating), True),
    "eg.mp_seq": (lambda: single().evaluate_generator(Numbered(2), use_multiprocessing=True), 0.0025),
    "pg.dicts": (lambda: len(bare().predict_generator(iter([{"in": X}]), 1)), 10),
    "pg.workers": (lambda: [threads_of(predicting, 0), threads_of(predicting, 1)], [[True], [False]]),
    "pg.max_queue": (lambda: read_ahead(predicting), True),
    "pg.mp_seq": (
        lambda: list(bare().predict_generator(Numbered(3), use_multiprocessing=True)[::2, 0]),
        [0.0, 0.15, 0.3],
    ),
    "pg.verbose": (
        lambda: [bool(printed(lambda v=v: bare().predict_generator(numbered(), 2, verbose=v))) for v in (0, 1)],
        [False, True],
    ),
    "teb.temporal": (lambda: timestep_weights("temporal"), 2.25),
    "teb.temporal_needed": (lambda: timestep_weights(None), Raises(ValueError, "sample_weight_mode=.temporal")),
    "get_layer.is_a_layer": (lambda: isinstance(bare().get_layer("out"), keras.layers.Layer), True),
}

# What has a heading or a bullet of its own in the document, method by method.
DOCUMENTED = {
    "Model": "making",
    "compile": "signature summary optimizer loss metrics loss_weights sample_weight_mode weighted_metrics target_tensors "
    "**kwargs ValueError",
    "fit": "signature summary x y batch_size epochs verbose callbacks validation_split validation_data shuffle "
    "class_weight sample_weight initial_epoch steps_per_epoch validation_steps returns RuntimeError ValueError",
    "evaluate": "signature summary x y batch_size verbose sample_weight steps callbacks returns",
    "predict": "signature summary x batch_size verbose steps callbacks returns ValueError",
    "train_on_batch": "signature summary x y sample_weight class_weight returns",
    "test_on_batch": "signature summary x y sample_weight returns",
    "predict_on_batch": "signature summary x returns",
    "fit_generator": "signature summary generator steps_per_epoch epochs verbose callbacks validation_data validation_steps "
    "class_weight max_queue_size workers use_multiprocessing shuffle initial_epoch returns ValueError example",
    "evaluate_generator": "signature summary generator steps callbacks max_queue_size workers use_multiprocessing verbose "
    "returns ValueError",
    "predict_generator": "signature summary generator steps callbacks max_queue_size workers use_multiprocessing verbose "
    "returns ValueError",
    "get_layer": "signature summary name index returns ValueError",
}

# Method, part of its page, what the sentence says, laws that hold it. A part without further sentences about it in the
# document has one line; the order is that of the document.
SENTENCES = """
Model           | making          | inputs and outputs make a model                       | model.io_kw
Model           | making          | it holds all layers from inputs to outputs            | model.layers_needed
Model           | making          | lists for several inputs and outputs                  | model.list_io

compile         | signature       | names, order and defaults                             | SIGNATURES compile.optimizer.missing
compile         | summary         | makes a model ready to train                          | fit.uncompiled fit.x_array
compile         | optimizer       | a name or an instance                                 | compile.optimizer.string compile.optimizer.instance
compile         | loss            | a name or a function                                  | compile.loss.function compile.loss.builtin_function
compile         | loss            | by output: a list or a dict                           | compile.loss.list compile.loss.dict
compile         | loss            | the sum of all losses is minimised                    | compile.loss.single_multi_out compile.loss.minimised
compile         | metrics         | evaluated in training and testing                     | compile.metrics.in_training_and_testing
compile         | metrics         | typically ["accuracy"]                                | test_contract_compile.test_accuracy_has_the_name_and_the_meaning_it_had
compile         | metrics         | a dict by output                                      | compile.metrics.dict
compile         | loss_weights    | scalars that weigh the losses: a list or a dict       | compile.loss_weights.list compile.loss_weights.dict
compile         | loss_weights    | the weighted sum is minimised                         | compile.loss_weights.minimised
compile         | loss_weights    | a list goes 1:1 with outputs, a dict by their names   | compile.loss_weights.badlen compile.loss_weights.badkey
compile         | sample_weight_mode | "temporal" for weights by timestep (2D)            | compile.swm.temporal
compile         | sample_weight_mode | None, the default, for weights by sample (1D)      | compile.swm.None compile.swm.temporal_needed
compile         | sample_weight_mode | by output: a list or a dict                        | compile.swm.by_output compile.swm.list compile.swm.dict
compile         | weighted_metrics | weighted by sample and class weights                 | compile.weighted_metrics compile.weighted_metrics.class_weight
compile         | target_tensors  | without them targets are given as data                | fit.x_array fit.x_None
compile         | target_tensors  | with them no target data is expected                  | own_tensors test_compile.test_target_tensors_stand_for_y
compile         | target_tensors  | a tensor, a list or a dict by output                  | compile.target_tensors.tensor compile.target_tensors.list compile.target_tensors.dict
compile         | **kwargs        | handed to the session                                 | compile.kwargs_session compile.kwargs_unknown
compile         | ValueError      | a bad optimizer                                       | compile.optimizer.bad compile.optimizer.none
compile         | ValueError      | a bad loss                                            | compile.loss.bad compile.loss.list_badlen compile.loss.dict_badkey
compile         | ValueError      | bad metrics                                           | compile.metrics.bad compile.metrics.bare_string
compile         | ValueError      | a bad sample_weight_mode                              | compile.swm.bad compile.swm.dict_badkey compile.swm.list_badlen

fit             | signature       | names, order and defaults                             | SIGNATURES
fit             | summary         | trains for a number of epochs                         | fit.History
fit             | x               | an array, or a list of arrays for several inputs      | fit.x_array fit.x_list
fit             | x               | a dict by the names of the input layers               | fit.x_dict fit.x_dict_reordered
fit             | x               | None when inputs read tensors of the framework        | own_tensors test_fit.test_inputs_may_read_tensors_of_their_own
fit             | y               | an array, or a list of arrays for several outputs     | fit.x_array fit.x_list
fit             | y               | a dict by the names of the output layers              | fit.x_dict fit.y_dict_single
fit             | y               | None when targets are tensors of the framework        | own_tensors
fit             | batch_size      | a whole number or None                                | test_fit.test_bad_arguments_are_named
fit             | batch_size      | samples per update                                    | fit.batch_size
fit             | batch_size      | 32 when not given                                     | fit.batch_size_default
fit             | epochs          | number of epochs                                      | fit.History
fit             | epochs          | an epoch goes once over all x and y                   | fit.whole_data_once_an_epoch fit.shuffle_True
fit             | epochs          | with initial_epoch it is the last epoch               | fit.epochs_initial_epoch
fit             | epochs          | trains until that index, not that many                | fit.epochs_initial_epoch fit.initial_ge_epochs
fit             | verbose         | 0, 1 or 2                                             | test_fit.test_bad_arguments_are_named
fit             | verbose         | silent, a bar, a line an epoch                        | fit.verbose0 fit.verbose1 fit.verbose2
fit             | callbacks       | a list of Callback                                    | fit.callbacks_events
fit             | callbacks       | heard in training and validation                      | fit.callbacks_events fit.callbacks_logs fit.callbacks_params
fit             | validation_split | a float between 0 and 1                              | test_fit.test_bad_arguments_are_named
fit             | validation_split | this part of the data validates                      | fit.val_split_round fit.val_split_dict fit.val_split_weights
fit             | validation_split | not trained on, evaluated after every epoch          | fit.val_split_not_trained_on fit.val_split_last
fit             | validation_split | the last samples, before shuffling                   | fit.val_split_last
fit             | validation_data | (x, y) or (x, y, weights), evaluated after an epoch   | fit.val_data2 fit.val_data3 fit.val_data_1
fit             | validation_data | not trained on                                        | fit.val_data_not_trained_on
fit             | validation_data | comes before validation_split                         | fit.val_data_over_split
fit             | shuffle         | whether to shuffle before an epoch, or "batch"        | fit.shuffle_True fit.shuffle_False
fit             | shuffle         | "batch" is for HDF5: whole batches move               | fit.shuffle_batch test_contract_fit.test_hdf5_answers_are_those_of_keras_2_3
fit             | shuffle         | no effect beside steps_per_epoch                      | fit.shuffle_beside_steps
fit             | class_weight    | from class index to weight, for training only         | fit.class_weight.sparse fit.class_weight.train_only
fit             | class_weight    | gives rare classes more weight in the loss            | fit.class_weight.onehot fit.class_weight.binary
fit             | sample_weight   | weighs the loss, for training only                    | fit.sample_weight.1d fit.sample_weight.train_only
fit             | sample_weight   | one per sample, or (samples, timesteps)               | fit.sample_weight.badlen compile.swm.temporal
fit             | sample_weight   | the latter needs sample_weight_mode="temporal"        | compile.swm.temporal_needed
fit             | initial_epoch   | the epoch to start at                                 | fit.epochs_initial_epoch
fit             | steps_per_epoch | a whole number or None                                | test_fit.test_bad_arguments_are_named
fit             | steps_per_epoch | batches before the epoch is over                      | fit.steps_numpy fit.native_steps
fit             | steps_per_epoch | of tensors: None is samples / batch size              | fit.steps_of_tensors fit.native
fit             | validation_steps | only beside steps_per_epoch                          | fit.val_steps_without_steps fit.val_steps_with_steps
fit             | validation_steps | batches before validation is over                    | fit.val_steps_count
fit             | returns         | a History                                             | fit.History
fit             | returns         | its history: losses and metrics by epoch, and "val_"  | fit.History fit.History_multi
fit             | RuntimeError    | the model was never compiled                          | fit.uncompiled
fit             | ValueError      | data that does not fit the model                      | fit.err.n_arrays fit.err.n_targets fit.err.x_shape fit.err.y_shape fit.err.cardinality

evaluate        | signature       | names, order and defaults                             | SIGNATURES
evaluate        | summary         | loss and metrics in test mode                         | evaluate.test_mode
evaluate        | summary         | batch by batch                                        | evaluate.callbacks evaluate.batch_avg
evaluate        | x               | an array, or a list of arrays for several inputs      | evaluate.scalar evaluate.lists
evaluate        | x               | a dict by the names of the input layers               | evaluate.dict
evaluate        | x               | None when inputs read tensors of the framework        | own_tensors evaluate.x_None
evaluate        | y               | an array, or a list of arrays for several outputs     | evaluate.scalar evaluate.lists
evaluate        | y               | a dict by the names of the output layers              | evaluate.dict
evaluate        | y               | None when targets are tensors of the framework        | own_tensors
evaluate        | batch_size      | a whole number or None                                | evaluate.batch_avg
evaluate        | batch_size      | samples per batch                                     | evaluate.callbacks
evaluate        | batch_size      | 32 when not given                                     | evaluate.batch_size_default
evaluate        | verbose         | 0 or 1                                                | evaluate.verbose_default
evaluate        | verbose         | silent, a bar                                         | evaluate.verbose0 evaluate.verbose_default
evaluate        | sample_weight   | weighs the loss                                       | evaluate.sample_weight
evaluate        | sample_weight   | one per sample, or (samples, timesteps)               | evaluate.sample_weight compile.swm.temporal
evaluate        | sample_weight   | the latter needs sample_weight_mode="temporal"        | compile.swm.temporal_needed
evaluate        | steps           | a whole number or None                                | evaluate.steps
evaluate        | steps           | batches before the evaluation is over                 | evaluate.steps_count
evaluate        | steps           | None has no meaning of its own                        | evaluate.batch_avg
evaluate        | callbacks       | a list of Callback                                    | evaluate.callbacks
evaluate        | callbacks       | heard in the evaluation                               | evaluate.callbacks
evaluate        | returns         | a scalar, or a list of them                           | evaluate.scalar evaluate.list evaluate.multi
evaluate        | returns         | metrics_names has the labels                          | evaluate.multi_metrics_order test_contract_calls.test_labels_are_as_many_as_values_also_after_a_fit

predict         | signature       | names, order and defaults                             | SIGNATURES
predict         | summary         | the outputs for inputs                                | predict.type
predict         | summary         | batch by batch                                        | predict.batch_size
predict         | x               | an array, or a list of arrays                         | predict.type predict.multi
predict         | batch_size      | a whole number                                        | predict.batch_size
predict         | batch_size      | 32 when not given                                     | predict.batch_size_default
predict         | verbose         | 0 or 1                                                | predict.verbose_default predict.verbose1
predict         | steps           | batches before it is over                             | predict.steps predict.steps_count
predict         | steps           | None has no meaning of its own                        | predict.type
predict         | callbacks       | a list of Callback                                    | predict.batch_size_default
predict         | callbacks       | heard in the prediction                               | predict.batch_size_default
predict         | returns         | arrays                                                | predict.type predict.dtype predict.multi
predict         | ValueError      | inputs that do not fit the model                      | predict.err.shape predict.err.n_inputs predict.err.cardinality predict.err.None_in_list
predict         | ValueError      | samples of a stateful model not a multiple of a batch | predict.stateful_ok predict.stateful_err

train_on_batch  | signature       | names, order and defaults                             | SIGNATURES tob.y_required
train_on_batch  | summary         | one update on one batch                               | tob.one_update
train_on_batch  | x               | an array, or a list of arrays for several inputs      | tob.scalar tob.list_of_one tob.multi
train_on_batch  | x               | a dict by the names of the inputs                     | tob.dict
train_on_batch  | y               | an array, or a list of arrays for several outputs     | tob.scalar tob.list_of_one tob.multi
train_on_batch  | y               | a dict by the names of the outputs                    | tob.dict
train_on_batch  | sample_weight   | one weight per sample                                 | tob.sample_weight tob.sample_weight_list tob.sample_weight_dict
train_on_batch  | sample_weight   | (samples, timesteps)                                  | tob.temporal
train_on_batch  | sample_weight   | the latter needs sample_weight_mode="temporal"        | compile.swm.temporal_needed
train_on_batch  | class_weight    | from class index to weight                            | tob.class_weight tob.class_weight_per_output
train_on_batch  | class_weight    | gives rare classes more weight in the loss            | tob.class_weight
train_on_batch  | returns         | a scalar, or a list of them                           | tob.scalar tob.list tob.multi
train_on_batch  | returns         | metrics_names has the labels                          | tob.labels test_compile.test_metrics_are_named_after_outputs_in_the_order_of_evaluate

test_on_batch   | signature       | names, order and defaults                             | SIGNATURES
test_on_batch   | summary         | tests on one batch                                    | teb.no_update evaluate.test_mode
test_on_batch   | x               | an array, or a list of arrays for several inputs      | teb.scalar teb.list_of_one teb.multi
test_on_batch   | x               | a dict by the names of the inputs                     | teb.dict
test_on_batch   | y               | an array, or a list of arrays for several outputs     | teb.scalar teb.list_of_one teb.multi
test_on_batch   | y               | a dict by the names of the outputs                    | teb.dict
test_on_batch   | sample_weight   | one weight per sample                                 | teb.sample_weight
test_on_batch   | sample_weight   | (samples, timesteps)                                  | teb.temporal
test_on_batch   | sample_weight   | the latter needs sample_weight_mode="temporal"        | teb.temporal_needed
test_on_batch   | returns         | a scalar, or a list of them                           | teb.scalar teb.list teb.multi
test_on_batch   | returns         | metrics_names has the labels                          | test_compile.test_metrics_are_named_after_outputs_in_the_order_of_evaluate

predict_on_batch | signature      | names, order and defaults                             | SIGNATURES
predict_on_batch | summary        | the outputs for one batch                             | pob.type
predict_on_batch | x              | an array                                              | pob.type pob.dict
predict_on_batch | returns        | arrays                                                | pob.type pob.multi

fit_generator   | signature       | names, order and defaults                             | SIGNATURES
fit_generator   | summary         | trains on batches of a generator or Sequence          | fg.exists fg.seq_steps
fit_generator   | summary         | which works beside the model                          | fg.workers1_thread
fit_generator   | summary         | so that data is made while the model trains           | fg.max_queue
fit_generator   | summary         | a Sequence in processes: in order, every input once   | fg.mp_seq fg.seq_once
fit_generator   | generator       | a generator, or a Sequence for processes              | fg.exists fg.mp_seq
fit_generator   | generator       | yields (inputs, targets) or (inputs, targets, weights) | fg.exists fg.xyw fg.none_w fg.list fg.dict
fit_generator   | generator       | what it yields is one batch                           | fg.exists
fit_generator   | generator       | of arrays of one length                               | test_generators.test_batches_that_do_not_fit_are_named
fit_generator   | generator       | batches may differ in size                            | fg.loss_avg
fit_generator   | generator       | as the last of an epoch often does                    | fg.loss_avg
fit_generator   | generator       | it goes on for ever                                   | fg.endless test_generators.test_a_generator_that_ends_early_warns_and_stops
fit_generator   | generator       | an epoch is over after steps_per_epoch batches        | fg.exists
fit_generator   | steps_per_epoch | batches of an epoch                                   | fg.exists fg.no_steps
fit_generator   | steps_per_epoch | typically samples / batch size                        | fg.loss_avg
fit_generator   | steps_per_epoch | a Sequence may leave it out: its length               | fg.seq_steps
fit_generator   | epochs          | number of epochs                                      | fg.endless
fit_generator   | epochs          | an epoch is steps_per_epoch batches                   | fg.exists
fit_generator   | epochs          | with initial_epoch it is the last epoch               | fg.initial_epoch
fit_generator   | epochs          | trains until that index, not that many                | fg.initial_epoch
fit_generator   | verbose         | 0, 1 or 2                                             | fg.verbose
fit_generator   | verbose         | silent, a bar, a line an epoch                        | fg.verbose fit.verbose2
fit_generator   | callbacks       | a list of Callback                                    | fg.callbacks
fit_generator   | callbacks       | heard in training                                     | fg.callbacks
fit_generator   | validation_data | a generator or Sequence                               | fg.val_gen fg.val_seq
fit_generator   | validation_data | (x_val, y_val)                                        | fg.val_tuple
fit_generator   | validation_data | (x_val, y_val, weights)                               | fg.val_tuple_weights
fit_generator   | validation_data | evaluated after every epoch                           | fg.callbacks
fit_generator   | validation_data | not trained on                                        | fg.val_not_trained_on
fit_generator   | validation_steps | batches of a validation generator, only              | fg.val_gen fg.val_gen_nosteps fg.val_steps_of_arrays
fit_generator   | validation_steps | typically samples / batch size                       | fg.val_gen
fit_generator   | validation_steps | a Sequence may leave it out: its length              | fg.val_seq
fit_generator   | class_weight    | from class index to weight, for training only         | fg.class_weight
fit_generator   | class_weight    | gives rare classes more weight in the loss            | fg.class_weight
fit_generator   | max_queue_size  | most batches that wait                                | fg.max_queue
fit_generator   | max_queue_size  | 10 when not given                                     | SIGNATURES
fit_generator   | workers         | number of workers                                     | test_generators.test_a_sequence_gives_every_index_once_per_epoch
fit_generator   | workers         | 1 when not given                                      | SIGNATURES
fit_generator   | workers         | 0 works on the main thread                            | fg.workers0_thread
fit_generator   | use_multiprocessing | whether workers are processes                     | fg.mp_seq test_generators.test_processes_run_copies_of_a_generator
fit_generator   | use_multiprocessing | False when not given                              | SIGNATURES fg.workers1_thread
fit_generator   | use_multiprocessing | not with what cannot be pickled                   | test_generators.test_what_cannot_be_sent_to_a_process_is_refused
fit_generator   | shuffle         | whether batches change order before an epoch          | fg.seq_shuffle
fit_generator   | shuffle         | with a Sequence only                                  | fg.seq_shuffle fg.exists
fit_generator   | shuffle         | no effect beside steps_per_epoch                      | test_generators.test_a_sequence_is_shuffled_on_request_and_not_beside_steps
fit_generator   | initial_epoch   | the epoch to start at                                 | fg.initial_epoch
fit_generator   | returns         | a History                                             | fg.exists
fit_generator   | returns         | its history: losses and metrics by epoch, and "val_"  | fg.val_gen
fit_generator   | ValueError      | a generator that yields something else                | fg.bad.four fg.bad.int fg.bad.none fg.bad.x1 fg.bad.str
fit_generator   | example         | dicts by name, made from the lines of a file          | test_document.test_the_example_of_the_document_trains

evaluate_generator | signature    | names, order and defaults                             | SIGNATURES
evaluate_generator | summary      | evaluates on batches of a generator                   | eg.scalar
evaluate_generator | summary      | which yields what test_on_batch takes                 | eg.dicts eg.weights
evaluate_generator | generator    | (inputs, targets), (inputs, targets, weights), or a Sequence | eg.scalar eg.weights eg.seq
evaluate_generator | steps        | batches before it is over                             | eg.callbacks eg.no_steps
evaluate_generator | steps        | a Sequence may leave it out: its length               | eg.seq
evaluate_generator | callbacks    | a list of Callback                                    | eg.callbacks
evaluate_generator | callbacks    | heard in the evaluation                               | eg.callbacks
evaluate_generator | max_queue_size | most batches that wait                              | eg.max_queue
evaluate_generator | workers      | number of workers, 1 when not given                   | SIGNATURES
evaluate_generator | workers      | 0 works on the main thread                            | eg.workers
evaluate_generator | use_multiprocessing | whether workers are processes                  | eg.mp_seq
evaluate_generator | use_multiprocessing | not with what cannot be pickled                | test_generators.test_what_cannot_be_sent_to_a_process_is_refused
evaluate_generator | verbose      | 0 or 1                                                | eg.verbose
evaluate_generator | returns      | a scalar, or a list of them                           | eg.scalar eg.list
evaluate_generator | returns      | metrics_names has the labels                          | eg.metrics
evaluate_generator | ValueError   | a generator that yields something else                | eg.bad test_generators.test_what_is_no_batch_is_named

predict_generator | signature     | names, order and defaults                             | SIGNATURES
predict_generator | summary       | the outputs for the inputs of a generator             | pg.x
predict_generator | summary       | which yields what predict_on_batch takes              | pg.dicts pg.multi
predict_generator | generator     | batches of inputs, or a Sequence                      | pg.x pg.xy pg.seq
predict_generator | steps         | batches before it is over                             | pg.x pg.no_steps
predict_generator | steps         | a Sequence may leave it out: its length               | pg.seq
predict_generator | callbacks     | a list of Callback                                    | pg.callbacks
predict_generator | callbacks     | heard in the prediction                               | pg.callbacks
predict_generator | max_queue_size | most batches that wait                               | pg.max_queue
predict_generator | workers       | number of workers, 1 when not given                   | SIGNATURES
predict_generator | workers       | 0 works on the main thread                            | pg.workers
predict_generator | use_multiprocessing | whether workers are processes                   | pg.mp_seq
predict_generator | use_multiprocessing | not with what cannot be pickled                 | test_generators.test_what_cannot_be_sent_to_a_process_is_refused
predict_generator | verbose       | 0 or 1                                                | pg.verbose
predict_generator | returns       | arrays                                                | pg.x pg.multi
predict_generator | ValueError    | a generator that yields something else                | pg.bad

get_layer       | signature       | names, order and defaults                             | SIGNATURES
get_layer       | summary         | a layer by its unique name or its index               | get_layer.name get_layer.index
get_layer       | summary         | the index comes first when both are given             | get_layer.both
get_layer       | summary         | indices go up through the graph                       | get_layer.order
get_layer       | name            | the name of a layer                                   | get_layer.name get_layer.name_kw
get_layer       | index           | the index of a layer                                  | get_layer.index
get_layer       | returns         | a layer                                               | get_layer.is_a_layer
get_layer       | ValueError      | a bad name or index                                   | get_layer.bad_name get_layer.bad_index get_layer.none
"""
LINES = [tuple(cell.strip() for cell in line.split("|")) for line in SENTENCES.splitlines() if line.strip()]
TABLES = (test_contract_compile.ROWS, test_contract_fit.ROWS, test_contract_calls.ROWS, ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_true(name):
    check(ROWS[name])


def test_the_example_of_the_document_trains(tmp_path):
    assert arrays_from_file(tmp_path / "my_file.txt") == pytest.approx([0.0] * 3)


@pytest.mark.parametrize("method", DOCUMENTED)
def test_every_part_of_the_document_has_sentences_in_its_order(method):
    parts = [part for found, part, _, _ in LINES if found == method]
    assert list(dict.fromkeys(parts)) == DOCUMENTED[method].split()
    arguments = [part for part in DOCUMENTED[method].split() if part.islower() and not part.startswith("*")]
    known = inspect.signature(getattr(Model, method)).parameters if method != "Model" else {}
    assert [name for name in known if name in arguments] == [name for name in arguments if name in known]


def test_every_sentence_names_laws_that_exist_and_run_on_three_backends():
    assert len({line[:3] for line in LINES}) == len(LINES)
    names = [name for table in TABLES for name in table]
    assert len(set(names)) == len(names)
    for *_, laws in LINES:
        assert laws
        for law in laws.split():
            if law == "SIGNATURES":
                assert set(DOCUMENTED) - {"Model"} <= set(SIGNATURES)
            elif law.startswith("test_"):
                module, function = law.split(".")
                assert callable(getattr(importlib.import_module(f"tests.keras.model.{module}"), function))
                assert f"{module}.py" in LAWS
            else:
                assert law in names, law
