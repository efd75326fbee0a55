"""What `compile` does to a classic model: checks what it was told, lets Keras compile, keeps the classic record.

Keras is given the arguments too, so that files hold them; the objects it makes of them are replaced by ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerascope.keras.model.batch_loss import LossTracker
from kerascope.keras.model.compiled import Compiled, PerOutput
from kerascope.keras.model.internals import DotNotTrackScope
from kerascope.keras.model.layout import Layout
from kerascope.keras.model.objectives import (
    NO_LOSS,
    ClassicLoss,
    ClassicMetrics,
    Objectives,
    has_nothing_to_minimise,
)
from kerascope.keras.model.optimizers import check_optimizer
from kerascope.keras.model.trainable import trainable_flags

KERAS_KEYWORDS = ("run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss")


def compile_model(model: Any, by_keras: Callable[..., None], optimizer: Any, given: Compiled, classic: type) -> None:
    """Compiles a model.

    Args:
        model: The classic model.
        by_keras: The `compile` of Keras, bound to the model.
        optimizer: Name or instance.
        given: Everything else `compile` was told; keywords of Keras 3 are among its session keywords.
        classic: The class of classic models.

    Raises:
        ValueError: If an argument is not valid, or there is nothing to minimise.
        TypeError: If an argument has a type that means nothing.
    """
    check_optimizer(optimizer)
    keywords = {name: given.session_keywords.pop(name) for name in KERAS_KEYWORDS if name in given.session_keywords}
    layout = model._layout()
    known = given.check(layout.outputs.names if layout is not None else None)
    if known is not None and all(loss is None for loss in known.losses) and has_nothing_to_minimise(model, classic):
        raise ValueError(NO_LOSS)
    objectives = Objectives(given, known)
    model._compile_loss = model._compile_metrics = None
    by_keras(
        optimizer=optimizer,
        loss=given.loss,
        loss_weights=given.loss_weights,
        metrics=given.metrics,
        weighted_metrics=given.weighted_metrics,
        **keywords,
    )
    with DotNotTrackScope():
        model._classic = given
        model._objectives = objectives
        model._engine_cache = None
        model._compiled_flags = trainable_flags(model)
        model._loss_tracker = LossTracker()
        model._compile_loss = None if given.loss is None else ClassicLoss(objectives)
        if given.metrics or given.weighted_metrics:
            model._compile_metrics = ClassicMetrics(objectives)
        model.loss_weights = given.loss_weights
        model.sample_weight_mode = given.sample_weight_mode


def known_outputs(model: Any, layout: Layout | None) -> PerOutput | None:
    """The compiled record per output, spread now if the outputs were not known at `compile`."""
    objectives: Objectives | None = model._objectives
    if objectives is None:
        return None
    seen = model._compile_loss is not None and model._compile_loss.built
    if objectives.known is None and layout is not None and not seen:
        objectives.known = objectives.compiled.check(layout.outputs.names)
    return objectives.known
