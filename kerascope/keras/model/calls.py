"""What the public methods of the classic Model do, one function per kind of call.

A call checks its arguments, makes a source of batches and the hooks of its callbacks, and hands both to the loop.
"""

from __future__ import annotations

from typing import Any

import keras

from kerascope.keras.model import arguments
from kerascope.keras.model.batch_loss import without_batch_loss
from kerascope.keras.model.engine import make_stepper
from kerascope.keras.model.engine.loop import FitJob, Validation, run_fit, run_predict, run_test
from kerascope.keras.model.feeding import (
    FitCall,
    Workers,
    array_source,
    is_stream,
    preparer,
    refuse_beside,
    stream_source,
    training_source,
    validation_source,
)
from kerascope.keras.model.hooks import Hooks, LastBatchLoss, Logs, python_logs
from kerascope.keras.model.internals import backend, needs_symbolic_build, tree
from kerascope.keras.model.prepare import Prepared
from kerascope.keras.model.progress import print_line
from kerascope.keras.model.sources import ArraySource, Source
from kerascope.keras.model.stateful import states_apart
from kerascope.keras.model.trainable import as_compiled


def fit(model: Any, call: FitCall) -> Any:
    """Trains and returns the History."""
    require_compiled(model)
    steps = arguments.check_steps("steps_per_epoch", call.steps_per_epoch)
    epochs = arguments.check_epochs("epochs", call.epochs)
    initial = arguments.check_epochs("initial_epoch", call.initial_epoch)
    verbose = arguments.check_verbose(call.verbose)
    freq = arguments.check_freq(call.validation_freq)
    opened: list[Source] = []
    try:
        source, split = training_source(model, call, steps)
        opened.append(source)
        validation = validation_source(model, call, split, steps)
        if validation is not None:
            opened.append(validation)
        labels = model.metrics_names
        params = {
            **_params(source, verbose),
            "epochs": epochs,
            "do_validation": validation is not None,
            "metrics": [*labels, *(f"val_{label}" for label in labels)] if validation is not None else list(labels),
        }
        hooks = Hooks(call.callbacks, model, params, history=True, verbose=verbose, label="fit", rows=source.rows_shown)
        if verbose and source.rows_shown and isinstance(validation, ArraySource):
            print_line(f"Train on {source.rows_shown} samples, validate on {validation.count} samples")
        if isinstance(validation, ArraySource):
            hooks.offer_validation(validation.data.batch)
        if validation is not None:
            hooks.tell_validation(_validated_on(call, validation), call.validation_steps)
        due = Validation(validation, lambda epoch: arguments.is_due(freq, epoch)) if validation is not None else None
        with as_compiled(model, trains=True), states_apart(model):
            return run_fit(FitJob(model, make_stepper(model), source, hooks, epochs, initial, due))
    finally:
        for one in opened:
            one.close()


def _validated_on(call: FitCall, validation: Source) -> Any:
    """The data that was given to validate on, or the part of the arrays that was split off for it."""
    if call.validation_data is not None or not isinstance(validation, ArraySource):
        return call.validation_data
    return validation.data.batch


def evaluate(
    model: Any,
    x: Any,
    y: Any,
    *,
    batch_size: Any,
    verbose: Any,
    sample_weight: Any,
    steps: Any,
    callbacks: Any,
    workers: Workers,
    last_loss: bool = False,
) -> Logs:
    """Returns the value of every loss and metric on the data; with `last_loss` the loss is that of the last batch."""
    require_compiled(model)
    count = arguments.check_steps("steps", steps)
    shown = arguments.check_verbose(verbose)
    if is_stream(x):
        refuse_beside(x, y=y, sample_weight=sample_weight, batch_size=batch_size)
        source = stream_source(model, x, count, None, workers, "steps")
    else:
        prepared = preparer(model, x).prepare(x, y, sample_weight)
        source = array_source(model, prepared, batch_size, False, count)
    try:
        heard = [LastBatchLoss(), callbacks] if last_loss else callbacks
        params = _params(source, shown)
        hooks = Hooks(heard, model, params, history=False, verbose=shown, label="evaluate", rows=source.rows_shown)
        with as_compiled(model):
            stepper = make_stepper(model)
            _build(model, stepper, source)
            return run_test(model, stepper, source, hooks)
    finally:
        source.close()


def predict(
    model: Any,
    x: Any,
    *,
    batch_size: Any,
    verbose: Any,
    steps: Any,
    callbacks: Any,
    workers: Workers,
    strict: bool = False,
) -> Any:
    """Returns the outputs for the data; with `strict` a generator must yield inputs, or tuples as for training."""
    count = arguments.check_steps("steps", steps)
    shown = arguments.check_verbose(verbose)
    source: Source
    if is_stream(x):
        refuse_beside(x, batch_size=batch_size)
        source = stream_source(model, x, count, None, workers, "steps", inputs_only=True, strict=strict)
    else:
        prepared = preparer(model, x).inputs_only(x)
        source = array_source(model, prepared, batch_size, False, count, predicting=True)
    try:
        params = _params(source, shown)
        hooks = Hooks(callbacks, model, params, history=False, verbose=shown, label="predict", rows=source.rows_shown)
        with as_compiled(model):
            stepper = make_stepper(model)
            build_for_inputs(model, source)
            return _classic_outputs(run_predict(model, stepper, source, hooks))
    finally:
        source.close()


def train_on_batch(model: Any, x: Any, y: Any, sample_weight: Any, class_weight: Any) -> Logs:
    """Updates the weights once and returns the logs."""
    require_compiled(model)
    return _on_batch(model, preparer(model, x).prepare(x, y, sample_weight, class_weight), "train")


def test_on_batch(model: Any, x: Any, y: Any, sample_weight: Any) -> Logs:
    """Evaluates one batch and returns the logs."""
    require_compiled(model)
    return _on_batch(model, preparer(model, x).prepare(x, y, sample_weight), "test")


def predict_on_batch(model: Any, x: Any) -> Any:
    """Returns the outputs for one batch."""
    prepared = preparer(model, x).inputs_only(x)
    source = ArraySource(prepared, None, False, 1)
    hooks = Hooks(None, model, {}, history=False, verbose=0, label="predict")
    model.stop_predicting = False
    with as_compiled(model):
        build_for_inputs(model, source)
        return _classic_outputs(make_stepper(model).predict(source, hooks))


def stream_of(generator: Any, method: str) -> Any:
    """Refuses what is no generator, Sequence or data set.

    Raises:
        ValueError: If it is an array, say.
    """
    if is_stream(generator):
        return generator
    raise ValueError(f"`{method}` needs a generator or a `keras.utils.Sequence`. Received: {type(generator).__name__}.")


def require_compiled(model: Any) -> None:
    """Refuses to train or evaluate a model that was not compiled.

    Raises:
        RuntimeError: If `compile` was never called.
    """
    if not model.compiled:
        raise RuntimeError("You must compile a model before training/testing. Use `model.compile(optimizer, loss)`.")
    if model._classic is not None:
        model._classic.check_session_keywords()


def build_for_inputs(model: Any, source: Source) -> None:
    """Builds a model from the first inputs of a source, if it is not built."""
    if all(layer.built for layer in model._flatten_layers()):
        return
    x = _inputs_of(source.first())
    with backend.StatelessScope():
        backend.compute_output_spec(model, tree.map_structure(_symbolic, x))


def _on_batch(model: Any, prepared: Prepared, phase: str) -> Logs:
    batch = prepared.loaded
    with as_compiled(model, trains=phase == "train"), states_apart(model):
        stepper: Any = make_stepper(model)
        stepper.build(batch if needs_symbolic_build(model) else None)
        if not model._carries_metrics:
            model.reset_metrics()
        # The loss is that of this batch alone; only metrics run on.
        if model._loss_tracker is not None:
            model._loss_tracker.reset_state()
        return without_batch_loss(python_logs(stepper.one_batch(phase, batch)))


def _build(model: Any, stepper: Any, source: Source) -> None:
    stepper.build(source.first() if needs_symbolic_build(model) else None)


def _params(source: Source, verbose: int) -> dict[str, Any]:
    """What callbacks find in `params`; sizes that a generator does not know are not among it."""
    sizes = {"batch_size": source.batch_size, "samples": source.samples}
    known = {name: size for name, size in sizes.items() if size is not None}
    return {**known, "epochs": 1, "steps": source.steps, "verbose": verbose}


def _classic_outputs(outputs: Any) -> Any:
    """Several outputs come as a list, also from models that return tuples; dicts stay dicts."""
    return list(outputs) if type(outputs) is tuple else outputs


def _inputs_of(batch: Any) -> Any:
    return batch[0] if isinstance(batch, tuple) else batch


def _symbolic(value: Any) -> Any:
    return keras.KerasTensor(tuple(value.shape), keras.backend.standardize_dtype(value.dtype))
