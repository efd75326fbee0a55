"""Where examples and evaluation get their data: what the user gave the callback, else what `fit` validates on.

Keras does not tell callbacks what `fit` was given; while it trains, the data is reachable through the iterator it keeps for validation.
That is private to Keras, so it is optional here: without it, one message says what to pass. Nothing that `fit` iterates over is ever consumed:
of a generator, examples show the batches that Keras has pulled to look at.
"""

from __future__ import annotations

from typing import Any

from kerascope.keras.batches import Source
from kerascope.keras.notices import notice
from kerascope.tracking.run import Run

_ADAPTER_FIELDS = ("_inputs", "_dataset", "py_dataset", "_dataloader")
_SEEN_FIELD = "_first_batches"  # of a generator: what Keras has pulled to look at, and keeps
_ONLY_SEEN = (
    "log_evaluation: fit() validates on a generator, which only fit() may use up; pass validation_data, or a generator of its own and "
    "`validation_steps`, to WandbCallback"
)
MISSING = (
    "no validation data for examples or evaluation so far: pass validation_data=(x, y) to WandbCallback, "
    "or to fit() as arrays or a dataset; with validation_freq they begin when fit() first validates"
)


class ValidationData:
    """The data for examples and evaluation.

    Args:
        explicit: `(x, y)` or a dataset given to the callback.
        generator: yields batches; examples prefer it, evaluation takes it if there is no `explicit`.
        steps: how many batches to take.
    """

    def __init__(self, explicit: Any, generator: Any, steps: int | None) -> None:
        self.explicit = explicit
        self.generator = generator
        self._steps = steps
        self._explicit_source = None if explicit is None else Source(explicit, max_batches=_steps_of(explicit, steps))
        self._generator_source = None if generator is None else Source(generator, max_batches=steps)
        self._found: Source | None = None
        self._seen: Source | None = None  # a few batches, if the whole cannot be had

    def for_examples(self, model: Any, run: Run) -> Source | None:
        """Returns the data examples are taken from; None, with one notice, if there is none."""
        given = self._generator_source or self._explicit_source
        if given is None:
            self.look(model)
        return given or self._found or self._seen or self._from_fit(model, run)

    def for_evaluation(self, model: Any, run: Run) -> Source | None:
        """Returns the data to evaluate; None, with one notice, if there is none or it has no end."""
        source = self.known or self._from_fit(model, run)
        if source is not None and source.needs_bound:
            notice(
                run,
                "log_evaluation: the validation data may have no end; set `validation_steps` to the number of batches",
            )
            return None
        return source

    @property
    def known(self) -> Source | None:
        """The data for evaluation as far as the user gave it to the callback."""
        return self._explicit_source or self._generator_source

    def offer(self, data: Any, steps: int | None) -> None:
        """Takes what `fit` of a classic model validates on; a generator, which only `fit` may use up, is left alone."""
        self.forget()
        if self.known is None and data is not None and not hasattr(data, "__next__"):
            self._found = Source(tuple(data) if isinstance(data, list) else data, max_batches=_steps_of(data, steps))

    def forget(self) -> None:
        """Forgets what a `fit` validated on: the next one may have other data."""
        self._found = self._seen = None

    def look(self, model: Any) -> None:
        """Remembers what `fit` validates on, while Keras keeps it."""
        if self._found is None and self._seen is None and self.known is None:
            self._found, self._seen = _sources_of_fit(model)

    def _from_fit(self, model: Any, run: Run) -> Source | None:
        self.look(model)
        if self._found is None:
            notice(run, MISSING if self._seen is None else _ONLY_SEEN)
        return self._found


def _steps_of(data: Any, steps: int | None) -> int | None:
    return None if isinstance(data, tuple | list) else steps  # arrays know their length


def _sources_of_fit(model: Any) -> tuple[Source | None, Source | None]:
    """What `fit` validates on, if it can be walked again, and the first batches of it, if only those can be had."""
    iterator = getattr(model, "_eval_epoch_iterator", None)
    adapter = getattr(iterator, "data_adapter", None)
    for field in _ADAPTER_FIELDS:
        data = getattr(adapter, field, None)
        if data is not None and not hasattr(data, "__next__"):
            steps = getattr(iterator, "steps_per_epoch", None)
            return Source(tuple(data) if field == "_inputs" else data, max_batches=steps), None
    seen = getattr(adapter, _SEEN_FIELD, None)
    return None, Source(list(seen)) if isinstance(seen, list | tuple) and seen else None
