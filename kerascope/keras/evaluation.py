"""Evaluation tables: one of the validation data, one per evaluation of what the model predicts, joined row by row.

The validation table (`validation_data` in artifact `wb_validation_data`) has the columns of targets (`target`, or the names of the
outputs), of inputs (`input`, or their names), and computed ones. The prediction table (history key `validation_predictions`) has
`output` (or names), `val_row` (a link to the validation row), and computed ones. Data is walked and predicted batch by batch, and
only numbers and texts stay in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from kerascope.artifacts import Artifact
from kerascope.keras.arguments import EvaluationOptions
from kerascope.keras.batches import Batch, Source, leaves
from kerascope.keras.columns import ClassNames
from kerascope.keras.evaluation_rows import Slot, TableRows, blobs_of, named_arrays
from kerascope.keras.inference import predict
from kerascope.keras.notices import notice
from kerascope.keras.results import results_table
from kerascope.keras.validation import ValidationData
from kerascope.media.table import Table
from kerascope.tracking.run import Run

Array = np.ndarray[Any, Any]
KEY = "validation_predictions"
MAX_ROWS = 200_000


class Evaluation:
    """Makes the tables of one training."""

    def __init__(self, options: EvaluationOptions, data: ValidationData, run: Run) -> None:
        self._options = options
        self._data = data
        self._run = run
        self._classes = ClassNames(options.labels, options.class_colors)
        self._links: Sequence[Any] | None = None
        self._is_due = False
        self._model: Any = None

    def begin(self, model: Any) -> None:
        """Makes the validation table, if the data is known before training."""
        self._model = model
        if self._data.known is not None and not self._options.results_only:
            self._prepare()

    def epoch_row(self, epoch: int) -> dict[str, Any]:
        """Returns the prediction table if one is due this epoch."""
        self._is_due = True
        self._data.look(self._model)  # Keras forgets what it validates on before training ends
        if self._options.results_only or not self._options.frequency or epoch % self._options.frequency:
            return {}
        return self.final_row()

    def final_row(self) -> dict[str, Any]:
        """Returns the prediction table if the model was trained since the last one."""
        if not self._is_due:
            return {}
        self._is_due = False
        if self._options.results_only:
            self._log_results()
            return {}
        if self._links is None:
            self._prepare()
        table = None if self._links is None else self._prediction_table(self._links)
        return {} if table is None else {KEY: table}

    def _source(self) -> Source | None:
        return self._data.for_evaluation(self._model, self._run)

    def _prepare(self) -> None:
        source = self._source()
        if source is None:
            return
        if self._options.indexes is not None:
            self._links = self._options.indexes
            return
        table = self._validation_table(source)
        if table is None:
            return
        artifact = Artifact("wb_validation_data", type="validation_dataset")
        artifact.add(table, "validation_data")
        self._run.use_artifact(artifact)
        self._links = table.get_index()

    def _validation_table(self, source: Source) -> Table | None:
        options, model = self._options, self._model
        rows = TableRows(
            self._run, ("validation_row_processor", options.validation_processor), infers=options.infer_missing
        )
        for batch in self._batches(source):
            targets = named_arrays(batch.y, "target", getattr(model, "output_names", None))
            inputs = named_arrays(batch.x, "input", getattr(model, "input_names", None))
            slots = [Slot(name, array, self._classes) for name, array in targets.items()]
            slots += [Slot(name, array, None) for name, array in inputs.items()]
            rows.add(slots, _picture(batch))
        return rows.finish()

    def _batches(self, source: Source) -> Iterator[Batch]:
        """The batches, as many as a table has room for; data that is empty or ends before it should is told of."""
        seen = count = 0
        for batch in source.batches():
            count, seen = count + 1, seen + batch.row_count
            if seen > MAX_ROWS:
                notice(
                    self._run,
                    f"log_evaluation: a table holds at most {MAX_ROWS} rows; later validation rows are left out",
                )
                return
            yield batch
        wanted = source.max_batches
        if not count:
            notice(self._run, "log_evaluation: the validation data is empty")
        elif wanted is not None and count < wanted:
            notice(
                self._run,
                f"log_evaluation: the validation data ended after {count} of {wanted} batches (validation_steps)",
            )

    def _prediction_table(self, links: Sequence[Any]) -> Table | None:
        source, options, seen = self._source(), self._options, 0
        rows = TableRows(
            self._run, ("prediction_row_processor", options.prediction_processor), infers=options.infer_missing
        )
        for batch in self._batches(source) if source is not None else ():
            output = predict(self._model, batch.x)
            outputs = named_arrays(output, "output", getattr(self._model, "output_names", None))
            slots = [Slot(name, array, self._classes, is_output=True) for name, array in outputs.items()]
            seen += batch.row_count
            if seen > len(links):
                break
            rows.add(slots, _picture(batch), links[seen - batch.row_count : seen])
        if seen != len(links):
            raise ValueError(
                "`validation_indexes` needs one link per validation row. "
                f"Received: {len(links)} links, {seen}{' or more' if seen > len(links) else ''} rows."
            )
        return rows.finish()

    def _log_results(self) -> None:
        source = self._source()
        if source is None:
            return
        parts = ((batch, predict(self._model, batch.x)) for batch in self._batches(source))
        options, run = self._options, self._run
        table = results_table(
            parts, options.labels, options.class_colors, lambda text: notice(run, text), blobs_of(run)
        )
        if table is not None:
            self._run.summary["results"] = table


def _picture(batch: Batch) -> Array | None:
    """The inputs of a batch if there is only one."""
    arrays = leaves(batch.x)
    return arrays[0] if len(arrays) == 1 else None
