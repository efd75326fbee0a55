"""`WandbCallback`: everything about a training run, from metrics to pictures, from one callback.

This file maps arguments to parts and says when each part acts; what the parts do is in the modules it imports. Promises: wrong arguments
raise at construction; afterwards nothing here stops training; trained weights are the same as without the callback; batch hooks exist
only when batches are logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import keras

from kerascope.errors import Error
from kerascope.keras import arguments
from kerascope.keras.batch_rows import BatchRows
from kerascope.keras.batches import Source
from kerascope.keras.best import Best
from kerascope.keras.best_model import LEGACY_NAME, BestModel
from kerascope.keras.examples import ExampleOptions, Examples
from kerascope.keras.flops import gigaflops
from kerascope.keras.gradient_rows import DataGradients, FitGradients
from kerascope.keras.graph import model_graph
from kerascope.keras.notices import guarded, notice
from kerascope.keras.ranks import computes_here
from kerascope.keras.validation import ValidationData
from kerascope.keras.weights import weight_histograms
from kerascope.media.graph import Graph
from kerascope.terminal import termlog, termwarn
from kerascope.tracking.current import get_run, require_run
from kerascope.tracking.run import Run

if TYPE_CHECKING:
    from kerascope.keras.evaluation import Evaluation

_EXTRA_KEYWORDS = ("data_type", "output_row_processor", "log_ranks")
_LAST_VERSION_S = 600.0
_UNUSED_DATA = (
    "WandbCallback was given data to show, but not how: set input_type='image' (or 'segmentation_mask', 'auto') for pictures, "
    "log_evaluation=True for tables"
)
_summary_keys_written: WeakKeyDictionary[Run, set[str]] = WeakKeyDictionary()


class WandbCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Logs a training run: metrics, the best model, the model's graph, and on request weights, gradients, examples and evaluation tables.

    One history row per epoch holds `epoch` (from 0), everything in Keras' `logs` under its own name, and what the arguments add.

    Args:
        monitor: metric that tells which epoch is best.
        verbose: 1: one line per improvement.
        mode: "min", "max", or "auto": the direction the Keras metric knows, else by its name.
        save_weights_only: keep weights instead of the whole model.
        log_weights: histograms of all weights per epoch, under `parameters/`.
        log_gradients: True: histograms of the gradient on `training_data` per epoch, under `gradients/`. "fit": of the gradients that
            training applied, with no extra pass, and their norm `gradients/global_norm`.
        save_model: on each improvement, keep `model-best.h5` in the run's folder and a new version of the artifact `model-<run name>`.
        training_data: `(x, y)` or any data `fit` takes, for `log_gradients=True`.
        validation_data: `(x, y)` or any data `fit` takes, for examples and evaluation; by default what `fit` validates on.
        labels: class names by class number, for captions, masks and evaluation.
        predictions: how many examples are shown, 1 to 100.
        generator: yields `(x, y)` batches, used instead of `validation_data`.
        input_type: "image", "images", "segmentation_mask", "label" or "auto": what the model's input is. With `output_type`, switches
            the history key `examples` on.
        output_type: the same for the output; guessed from the model and its targets if only `input_type` is given.
        log_evaluation: True: a table of the validation data and one of the predictions (`validation_predictions`). "results": the table
            of per-example results in summary key `results`, at the end of training.
        validation_steps: number of batches for the evaluation where the data is a generator or endless.
        class_colors: array (classes, 3) of colours in [0, 1] for masks.
        log_batch_frequency: also a row for every that many batches.
        log_best_prefix: prefix of the summary keys `<prefix><monitor>` and `<prefix>epoch`; None: no such keys.
        save_graph: the model's layers as summary key `graph`.
        validation_indexes: row links of a table of yours, one per validation example, in place of a table of the validation data.
        validation_row_processor: `f(index, row) -> dict` of further columns of the validation table.
        prediction_row_processor: the same for the predictions; `row["val_row"].get_row()` is the validation row. Also taken as
            `output_row_processor`.
        infer_missing_processors: choose columns that fit the data where a row processor is missing.
        log_evaluation_frequency: 0: predictions at the end of training; n: every n-th epoch and at the end.
        compute_flops: summary key `GFLOPs`: multiply-adds of one sample / 1e9.
        **kwargs: `data_type` (older name of `input_type`), `output_row_processor`, and `log_ranks`: "first" or "all" processes of
            a distributed training; by default what `init` goes by. Others warn.

    Raises:
        Error: if there is no run.
        UsageError: for an argument of the wrong kind; it is also a `TypeError` or `ValueError`.

    Example:

        kerascope.init(project="faces")
        model.fit(x, y, validation_data=(x_test, y_test), callbacks=[WandbCallback()])
    """

    async_safe = True  # the batch hook reads only its arguments and puts batches back in order

    def __init__(
        self,
        monitor: str = "val_loss",
        verbose: int = 0,
        mode: str = "auto",
        save_weights_only: bool = False,
        log_weights: bool = False,
        log_gradients: bool | str = False,
        save_model: bool = True,
        training_data: Any = None,
        validation_data: Any = None,
        labels: Any = None,
        predictions: int = 36,
        generator: Any = None,
        input_type: str | None = None,
        output_type: str | None = None,
        log_evaluation: bool | str = False,
        validation_steps: int | None = None,
        class_colors: Any = None,
        log_batch_frequency: int | None = None,
        log_best_prefix: str | None = "best_",
        save_graph: bool = True,
        validation_indexes: Any = None,
        validation_row_processor: Callable[..., Any] | None = None,
        prediction_row_processor: Callable[..., Any] | None = None,
        infer_missing_processors: bool = True,
        log_evaluation_frequency: int = 0,
        compute_flops: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        run = require_run("WandbCallback")
        extra = _take_extra(kwargs)
        self.monitor = arguments.text("monitor", monitor)
        self.verbose = arguments.verbosity(verbose)
        self._mode = arguments.mode(mode)
        self.save_weights_only = arguments.flag("save_weights_only", save_weights_only)
        self.save_model = arguments.flag("save_model", save_model)
        self.save_graph = arguments.flag("save_graph", save_graph)
        self.log_weights = arguments.flag("log_weights", log_weights)
        self.log_gradients = arguments.flag_or("log_gradients", log_gradients, "fit")
        self.training_data = arguments.training_data(self.log_gradients, training_data)
        self._training_source = Source(self.training_data)
        self.labels = arguments.labels(labels)
        self.predictions = min(arguments.count("predictions", predictions, 1), arguments.MAX_PREDICTIONS)
        self._input_type = arguments.data_type("input_type", input_type)
        if "data_type" in extra:
            self._input_type = arguments.data_type("data_type", extra["data_type"])
        self._output_type = arguments.data_type("output_type", output_type)
        self.class_colors = arguments.class_colors(class_colors)
        self.log_batch_frequency = arguments.count_or_none("log_batch_frequency", log_batch_frequency, 0)
        self.log_best_prefix = None if not log_best_prefix else arguments.text("log_best_prefix", log_best_prefix)
        self.compute_flops = arguments.flag("compute_flops", compute_flops)
        self._data = ValidationData(
            arguments.data("validation_data", validation_data),
            arguments.stream("generator", generator),
            arguments.count_or_none("validation_steps", validation_steps, 1),
        )
        self.log_evaluation = arguments.flag_or("log_evaluation", log_evaluation, "results")
        self._evaluation = arguments.EvaluationOptions(
            results_only=self.log_evaluation == "results",
            labels=self.labels,
            class_colors=self.class_colors,
            indexes=arguments.row_links("validation_indexes", validation_indexes),
            validation_processor=arguments.function("validation_row_processor", validation_row_processor),
            prediction_processor=arguments.prediction_processor(
                prediction_row_processor, extra.get("output_row_processor")
            ),
            infer_missing=arguments.flag("infer_missing_processors", infer_missing_processors),
            frequency=arguments.count("log_evaluation_frequency", log_evaluation_frequency, 0),
        )
        self.log_ranks = extra.get("log_ranks") or run.settings.log_ranks
        self._parts: list[tuple[str, Callable[[int], dict[str, Any]]]] = []
        self._examples: Examples | None = None
        self._evaluator: Evaluation | None = None
        self._fit_gradients: FitGradients | None = None
        self._steps: int | None = None
        self._begin_run(run)

    # What scripts of the original touch

    @property
    def best(self) -> float:
        """The best value of `monitor` so far; infinite before the first one."""
        return self._best.value

    @best.setter
    def best(self, value: float) -> None:
        self._best.value = value

    @property
    def monitor_op(self) -> Callable[[float, float], bool]:
        """`operator.lt` or `operator.gt`: whether the first value is better than the second."""
        return self._best.is_better

    @property
    def filepath(self) -> str:
        """Where the best model is kept under its old name."""
        return str(Path(self._run.dir) / LEGACY_NAME)

    @property
    def input_type(self) -> str | None:
        """What the model's input is: as given, or as the model of this training says."""
        return self._input_type if self._examples is None else self._examples.input_type

    @input_type.setter
    def input_type(self, value: str | None) -> None:
        self._input_type, self._examples = arguments.data_type("input_type", value), None

    @property
    def output_type(self) -> str | None:
        """What the model's output is: as given, or as the model of this training says."""
        return self._output_type if self._examples is None else self._examples.output_type

    @output_type.setter
    def output_type(self, value: str | None) -> None:
        self._output_type, self._examples = arguments.data_type("output_type", value), None

    @property
    def validation_data(self) -> Any:
        """The data given for examples and evaluation; None if `fit` is asked for what it validates on."""
        return self._data.explicit

    @property
    def generator(self) -> Any:
        """The generator given for examples and evaluation."""
        return self._data.generator

    def take_validation(self, data: Any, steps: int | None) -> None:
        """Takes what `fit` of a classic model validates on; a `fit` of Keras' own is asked by itself."""
        self._data.offer(data, steps)

    # Hooks

    def set_params(self, params: dict[str, Any] | None) -> None:
        """Takes what Keras says about this training: epochs, steps, verbosity."""
        super().set_params(params)
        self._steps = (params or {}).get("steps")

    def set_model(self, model: Any) -> None:
        """Takes the model and finds out what its inputs and outputs are."""
        super().set_model(model)
        self._best_model = BestModel(self.save_weights_only)
        self._data.forget()
        self._examples = Examples(
            ExampleOptions(self._input_type, self._output_type, self.labels, self.predictions, self.class_colors)
        )
        with guarded(self._run, "reading the model's inputs and outputs"):
            self._examples.resolve_types(model)

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Prepares what is logged per epoch."""
        run = get_run() or self._run
        if run is not self._run:
            self._begin_run(run)
        if not self._is_active:
            return
        self._parts = []
        if self.log_weights:
            self._parts.append(("log_weights", lambda _: weight_histograms(self.model)))
        if self.log_gradients:
            with guarded(self._run, "log_gradients"):
                self._prepare_gradients()
        examples = self._examples
        if examples is not None and examples.is_wanted:
            self._parts.append(("examples", lambda _: examples.row(self.model, self._data, self._run)))
        if self.log_evaluation:
            with guarded(self._run, "log_evaluation"):
                self._prepare_evaluation()
        if self._data.known is not None and not (self.input_type or self.output_type or self.log_evaluation):
            notice(self._run, _UNUSED_DATA)
        if getattr(self._model, "built", False):
            self._log_structure()

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Starts the counts of an epoch."""
        if self._batch_rows is not None:
            with guarded(self._run, "log_batch_frequency"):
                block_size = getattr(self.model, "steps_per_execution", 1) or 1
                self._batch_rows.begin_epoch(epoch, block_size, self._steps)
        if self._fit_gradients is not None:
            with guarded(self._run, "log_gradients"):
                self._fit_gradients.begin_epoch()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Logs the epoch's row and keeps the model if it is the best so far."""
        if not self._is_active:
            return
        logs = logs or {}
        if self._batch_rows is not None:
            with guarded(self._run, "log_batch_frequency"):
                self._batch_rows.flush()
        self._log_structure()
        row: dict[str, Any] = {}
        for what, part in self._parts:
            with guarded(self._run, what):
                row.update(part(epoch))
        with guarded(self._run, "logging the epoch"):
            self._run.log({**row, "epoch": epoch, **logs})
        with guarded(self._run, "keeping the best model"):
            self._note_best(epoch, logs)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Logs the evaluation at the end, and gives back what was borrowed from the model."""
        if self._fit_gradients is not None:
            with guarded(self._run, "log_gradients"):
                self._fit_gradients.end()
            self._fit_gradients = None
        if self._evaluator is not None:
            with guarded(self._run, "log_evaluation"):
                row = self._evaluator.final_row()
                if row:
                    self._run.log(row)
        if self.save_model and self._is_active:
            self._run.worker.drain(_LAST_VERSION_S)  # so that a script finds the last version after `fit`

    def get_flops(self) -> float:
        """Returns the multiply-adds of one sample through the model, in units of 1e9.

        Raises:
            Error: before the callback has a model.
            TypeError: if the model is no Keras model.
        """
        if self._model is None:
            raise Error("get_flops() needs a model. Pass the callback to fit(), or call set_model(model) first.")
        return gigaflops(self.model)

    # Inside

    def _begin_run(self, run: Run) -> None:
        """Begins to log to `run`, from nothing but what the run itself knows of an earlier attempt."""
        self._run = run
        self._is_active = computes_here(run, self.log_ranks)
        self._best = Best(self.monitor, self._mode)
        self._structure_is_logged = False
        self._batch_rows: BatchRows | None = None
        if self.log_batch_frequency and self._is_active:
            self._batch_rows = BatchRows(self.log_batch_frequency, self._log_batch)
            # An instance attribute, because a method of the class would slow down every training, logged by batch or not.
            self.on_train_batch_end = self._take_batch
        with guarded(run, "reading the best value of an earlier attempt"):
            self._seed_best()

    def _take_batch(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """The batch hook, there only with `log_batch_frequency`. May run on any thread."""
        rows = self._batch_rows
        if rows is not None:
            with guarded(self._run, "log_batch_frequency"):
                rows.add(batch, logs or {})

    def _log_batch(self, batch: int, logs: Mapping[str, Any]) -> None:
        self._run.log({**logs, "batch": batch + (0 if self._batch_rows is None else self._batch_rows.first_step)})

    def _prepare_gradients(self) -> None:
        if self.log_gradients == "fit":
            self._fit_gradients = FitGradients(self.model)
            self._parts.append(("log_gradients", lambda _: self._fit_gradients_row()))
        else:
            gradients = DataGradients(self._training_source, self._steps)
            self._parts.append(("log_gradients", lambda _: gradients.row(self.model)))

    def _prepare_evaluation(self) -> None:
        from kerascope.keras.evaluation import Evaluation

        self._evaluator = Evaluation(self._evaluation, self._data, self._run)
        self._parts.append(("log_evaluation", self._evaluator.epoch_row))
        self._evaluator.begin(self.model)

    def _fit_gradients_row(self) -> dict[str, Any]:
        return {} if self._fit_gradients is None else self._fit_gradients.row(self.model)

    def _log_structure(self) -> None:
        """Logs graph and FLOPs once, as soon as the model is built."""
        if self._structure_is_logged:
            return
        self._structure_is_logged = True
        if self.save_graph:
            with guarded(self._run, "save_graph"):
                self._run.summary["graph"] = Graph(**model_graph(self.model))
        if self.compute_flops:
            with guarded(self._run, "compute_flops"):
                self._run.summary["GFLOPs"] = self.get_flops()

    def _seed_best(self) -> None:
        """Goes on from the best value that the run had before this process, not from that of another model in it."""
        key = f"{self.log_best_prefix}{self.monitor}"
        if self.log_best_prefix and key not in _summary_keys_written.get(self._run, ()):
            self._best.seed(self._run.summary.so_far().get(key))

    def _note_best(self, epoch: int, logs: Mapping[str, Any]) -> None:
        self._best.settle(self.model.metrics)
        value = logs.get(self.monitor)
        if value is None:
            notice(
                self._run,
                f"as long as the metric {self.monitor!r} is missing, no epoch can be best and no model is saved. "
                f"There are: {', '.join(sorted(logs)) or 'none'}. Set `monitor`, or give fit() validation data.",
            )
            return
        before = self._best.value
        if not self._best.improves(float(value), epoch):
            return
        if self.log_best_prefix:
            keys = {f"{self.log_best_prefix}{self.monitor}": float(value), f"{self.log_best_prefix}epoch": epoch}
            self._run.summary.update(keys)
            _summary_keys_written.setdefault(self._run, set()).update(keys)
        self._announce(epoch, before, float(value))
        if self.save_model and not self._run.disabled:
            metadata = {"epoch": epoch, "monitor": self.monitor, "value": float(value), "mode": self._best.mode}
            self._best_model.save(self._run, self.model, epoch, metadata)

    def _announce(self, epoch: int, before: float, value: float) -> None:
        if self.verbose > 0:
            saved = f", saving model to {self.filepath}" if self.save_model and not self._run.disabled else ""
            termlog(f"Epoch {epoch:05d}: {self.monitor} improved from {before:.5f} to {value:.5f}{saved}")


def _take_extra(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The keywords that only the long list of ages knows; warns about all others."""
    extra = {name: kwargs.pop(name) for name in _EXTRA_KEYWORDS if name in kwargs}
    if "data_type" in extra:
        termwarn("`data_type` is the old name of `input_type`.", repeat=False)
    arguments.log_ranks(extra.get("log_ranks"))
    known = [*WandbCallback.__init__.__annotations__, *_EXTRA_KEYWORDS]
    arguments.warn_unknown("WandbCallback", kwargs, known)
    return extra
