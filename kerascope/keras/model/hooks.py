"""Callbacks of one call: who hears what, and whether somebody may change training between two batches.

`Hooks` takes the place of Keras' CallbackList inside the classic loop. It looks at each callback once and calls only
the hooks that were written; logs are turned into Python numbers only when somebody reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np

from kerascope.keras.model.batch_loss import of_the_batch
from kerascope.keras.model.directions import decide, undecided
from kerascope.keras.model.progress import Progress

Logs = dict[str, Any]
PHASES = ("train", "test", "predict")

# Keras' own callbacks with batch hooks that do nothing when they act at epoch ends.
SAVES_BY_EPOCH = ("ModelCheckpoint", "BackupAndRestore")


class ValidationArrays(list[Any]):
    """What `validation_data` of a callback is while nobody else has set it."""


class LastBatchLoss(keras.callbacks.Callback):  # type: ignore[misc]
    """Makes the loss of an evaluation that of its last batch alone; metrics and losses of outputs run on.

    This is what `evaluate_generator` of Keras 2.3 returned.
    """

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Forgets the loss of the batches before."""
        if self.model._loss_tracker is not None:
            self.model._loss_tracker.reset_state()


class Hooks:
    """The callbacks of one `fit`, `evaluate` or `predict`.

    Args:
        callbacks: What the user gave.
        model: The model the callbacks are told about.
        params: What callbacks find in `self.params`.
        history: Whether to record a History.
        verbose: 0, 1 or 2.
        label: Which method shows progress: "fit", "evaluate" or "predict".
        rows: Number of samples that the progress bar counts; None counts batches.
    """

    def __init__(
        self,
        callbacks: Any,
        model: Any,
        params: dict[str, Any],
        *,
        history: bool,
        verbose: int,
        label: str,
        rows: int | None = None,
    ) -> None:
        # The bar of Keras 3 knows nothing of `batch` and `size` in the logs; ours is there in its place.
        self.callbacks = [one for one in _flatten(callbacks) if type(one) is not keras.callbacks.ProgbarLogger]
        self.model = model
        self.label = label
        self.history: Any = None
        self.progress: Progress | None = None
        if history:
            found = [one for one in self.callbacks if isinstance(one, keras.callbacks.History)]
            self.history = found[0] if found else keras.callbacks.History()
            if not found:
                self.callbacks.append(self.history)
        if verbose and not any(isinstance(one, keras.callbacks.ProgbarLogger) for one in self.callbacks):
            self.progress = Progress(verbose, label, rows)
            self.callbacks.append(self.progress)
        for callback in self.callbacks:
            callback.set_model(model)
        if history:
            model.history = self.history
        self.set_params(params)
        self._undecided = undecided(self.callbacks) if history else []
        self._begin = {phase: self._hooks(f"on_{phase}_batch_begin", phase == "train") for phase in PHASES}
        self._end = {phase: self._hooks(f"on_{phase}_batch_end", phase == "train") for phase in PHASES}

    def set_params(self, params: dict[str, Any]) -> None:
        """Tells every callback the parameters of the call."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def offer_validation(self, batch: Any) -> None:
        """Gives callbacks the validation arrays as `validation_data`, as Keras 2 did: inputs, targets, weights.

        A callback that has such an attribute of its own keeps it.
        """
        x, y, weights = ([one for one in keras.tree.flatten(part) if one is not None] for part in batch)
        ones = [np.ones(int(target.shape[0]), keras.config.floatx()) for target in y]
        for callback in self.callbacks:
            own = hasattr(type(callback), "validation_data")
            if not own and isinstance(getattr(callback, "validation_data", None), ValidationArrays | None):
                callback.validation_data = ValidationArrays([*x, *y, *(weights or ones)])

    def tell_validation(self, data: Any, steps: int | None) -> None:
        """Tells callbacks that ask for it, by a method `take_validation(data, steps)`, what the call validates on."""
        for callback in self.callbacks:
            take = getattr(callback, "take_validation", None)
            if callable(take):
                take(data, steps)

    def listens(self, phase: str) -> bool:
        """Whether somebody has a batch hook for a phase."""
        return bool(self._begin[phase] or self._end[phase])

    def interferer(self, phase: str) -> str | None:
        """The name of a callback that may change training inside a batch hook, or None.

        A callback with batch hooks is taken for an observer when it says so: `async_safe = True`, Keras' own word for
        a callback that may be called later than the batch.
        """
        for callback in self.callbacks:
            name = type(callback).__name__
            if callback is self.progress or getattr(callback, "async_safe", False) or not _acts_in(callback, phase):
                continue
            return name
        return None

    def batch_begin(self, phase: str, step: int, size: int) -> None:
        """Calls the begin hooks of one batch."""
        hooks = self._begin[phase]
        if hooks:
            logs = {"batch": step, "size": size}
            for hook in hooks:
                hook(step, logs)

    def batch_end(self, phase: str, step: int, size: int, values: Callable[[], Logs]) -> None:
        """Calls the end hooks of one batch.

        Args:
            phase: "train", "test" or "predict".
            step: Number of the batch within the epoch, from 0.
            size: Number of samples in the batch.
            values: Makes the logs; called only if somebody reads them.
        """
        hooks = self._end[phase]
        if hooks:
            self._decide()
            logs = {"batch": step, "size": size, **of_the_batch(values())}
            for hook in hooks:
                hook(step, logs)
        self.show(phase, step + 1, values)

    def show(self, phase: str, seen: int, values: Callable[[], Logs]) -> None:
        """Draws the progress bar, unless this is the validation inside `fit`."""
        progress = self.progress
        if progress is None or (self.label == "fit" and phase != "train"):
            return
        if progress.wants(seen):
            progress.update(seen, values() if phase != "predict" else {})

    def begin(self, phase: str) -> None:
        """Calls on_train_begin, on_test_begin or on_predict_begin."""
        if self.progress is not None and self.label != "fit":
            self.progress.begin()
        self._call(f"on_{phase}_begin", {})

    def end(self, phase: str, logs: Logs) -> None:
        """Calls on_train_end, on_test_end or on_predict_end."""
        if self.progress is not None and self.label != "fit":
            self.progress.finish(logs)
        self._call(f"on_{phase}_end", logs)

    def epoch_begin(self, epoch: int) -> None:
        """Calls on_epoch_begin."""
        for callback in self.callbacks:
            callback.on_epoch_begin(epoch, {})

    def epoch_end(self, epoch: int, logs: Logs) -> None:
        """Calls on_epoch_end."""
        self._decide()
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)

    def _call(self, name: str, logs: Logs) -> None:
        for callback in self.callbacks:
            getattr(callback, name)(logs)

    def _hooks(self, name: str, train: bool) -> list[Callable[[int, Logs], None]]:
        """The hooks that somebody wrote; on_batch_begin and on_batch_end are other names of the train hooks."""
        other = name.replace("_train", "")
        found = []
        for callback in self.callbacks:
            if isinstance(callback, Progress):
                continue
            hook, older = getattr(callback, name), getattr(callback, other)
            if _written(hook):
                found.append(hook)
            elif train and _written(older):
                found.append(older)  # straight, since Keras would pass the logs by their name
        return found

    def _decide(self) -> None:
        """Tells callbacks in which direction the values they monitor get better, once the metrics exist."""
        if self._undecided:
            decide(self._undecided, self.model)
            self._undecided = []


def python_logs(logs: Any) -> Logs:
    """Logs of one step as Python floats where a value is a number."""
    result: Logs = {}
    for name, value in (logs or {}).items():
        if isinstance(value, dict):
            result.update(python_logs(value))
            continue
        try:
            result[name] = float(value)
        except (TypeError, ValueError):
            try:
                result[name] = keras.ops.convert_to_numpy(value)
            except Exception:
                result[name] = value
    return result


def _flatten(callbacks: Any) -> list[Any]:
    if callbacks is None:
        return []
    if isinstance(callbacks, keras.callbacks.CallbackList):
        return list(callbacks.callbacks)
    if isinstance(callbacks, Iterable):
        return [one for item in callbacks for one in _flatten(item)]
    return [callbacks]


def _written(hook: Any) -> bool:
    return not getattr(hook, "_is_default", False)


def _acts_in(callback: Any, phase: str) -> bool:
    name = type(callback).__name__
    if name in SAVES_BY_EPOCH and getattr(callback, "save_freq", None) == "epoch":
        return False
    names = [f"on_{phase}_batch_begin", f"on_{phase}_batch_end"]
    if phase == "train":
        names += ["on_batch_begin", "on_batch_end"]
    return any(_written(getattr(callback, one)) for one in names)
