"""Evaluation tables: one of the validation data, one per evaluation of what the model predicts, joined row by row.

The validation table (`validation_data` in artifact `wb_validation_data`) has the columns of targets (`target`, or the names of the
outputs), of inputs (`input`, or their names), and computed ones. The prediction table (history key `validation_predictions`) has
`output` (or names), `val_row` (a link to the validation row), and computed ones. Data is walked and predicted batch by batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kerascope.artifacts import Artifact
from kerascope.keras.arguments import EvaluationOptions, Processor
from kerascope.keras.batches import Source, Structure
from kerascope.keras.columns import ClassNames, Column, infer_columns
from kerascope.keras.inference import predict
from kerascope.keras.notices import guarded, notice
from kerascope.keras.results import results_table
from kerascope.keras.validation import ValidationData
from kerascope.media.table import Table
from kerascope.tracking.run import Run

Array = np.ndarray[Any, Any]
KEY = "validation_predictions"
MAX_ROWS = 200_000


@dataclass
class _Slot:
    """One input, target or output: its column name and the column's cells."""

    name: str
    cells: list[Any] = field(default_factory=list)


class Evaluation:
    """Makes the tables of one training."""

    def __init__(self, options: EvaluationOptions, data: ValidationData, run: Run) -> None:
        self._options = options
        self._data = data
        self._run = run
        self._classes = ClassNames(options.labels, options.class_colors)
        self._links: Sequence[Any] | None = None
        self._pictures: list[Any] | None = None
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
        return {} if self._links is None else {KEY: self._prediction_table()}

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
        artifact = Artifact("wb_validation_data", type="validation_dataset")
        artifact.add(table, "validation_data")
        self._run.use_artifact(artifact)
        self._links = table.get_index()

    def _validation_table(self, source: Source) -> Table:
        targets, inputs = self._collect(source)
        columns = [*targets, *inputs]
        table = Table(columns=[slot.name for slot in columns])
        for row in zip(*(slot.cells for slot in columns), strict=True):
            table.add_data(*row)
        self._pictures = inputs[0].cells if len(inputs) == 1 else None
        if self._options.validation_processor is not None:
            self._process(table, self._options.validation_processor, "validation_row_processor")
        elif self._options.infer_missing:
            for slot in inputs:
                self._infer(table, slot, None, is_output=False)
            for slot in targets:
                self._infer(table, slot, self._classes, is_output=False)
        return table

    def _collect(self, source: Source) -> tuple[list[_Slot], list[_Slot]]:
        targets: list[_Slot] = []
        inputs: list[_Slot] = []
        for batch in self._batches(source):
            _extend(targets, batch.y, "target", getattr(self._model, "output_names", None))
            _extend(inputs, batch.x, "input", getattr(self._model, "input_names", None))
        return targets, inputs

    def _batches(self, source: Source) -> Any:
        seen = 0
        for batch in source.batches():
            seen += batch.row_count
            if seen > MAX_ROWS:
                notice(
                    self._run,
                    f"log_evaluation: a table holds at most {MAX_ROWS} rows; later validation rows are left out",
                )
                return
            yield batch

    def _prediction_table(self) -> Table:
        source, links = self._source(), self._links or ()
        outputs: list[_Slot] = []
        for batch in self._batches(source) if source is not None else ():
            _extend(outputs, predict(self._model, batch.x), "output", getattr(self._model, "output_names", None))
        row_count = len(outputs[0].cells)
        if row_count != len(links):
            raise ValueError(
                f"`validation_indexes` needs one link per validation row. Received: {len(links)} links, {row_count} rows."
            )
        table = Table(columns=[*(slot.name for slot in outputs), "val_row"])
        for *cells, link in zip(*(slot.cells for slot in outputs), links, strict=True):
            table.add_data(*cells, link)
        if self._options.prediction_processor is not None:
            self._process(table, self._options.prediction_processor, "prediction_row_processor")
        elif self._options.infer_missing:
            for slot in outputs:
                self._infer(table, slot, self._classes, is_output=True)
        return table

    def _process(self, table: Table, processor: Processor, name: str) -> None:
        """Adds the columns of a user's function; if it fails, the table goes on without them."""
        with guarded(self._run, f"{name}, so its columns are missing:"):
            table.add_computed_columns(lambda index, row: _checked(processor(index, dict(row)), name))

    def _infer(self, table: Table, slot: _Slot, classes: ClassNames | None, is_output: bool) -> None:
        pictures = self._pictures
        columns: list[Column] = infer_columns(
            np.asarray(slot.cells[0]), classes, None if pictures is None else np.asarray(pictures[0]), is_output
        )
        for column in columns:
            with guarded(self._run, f"column {slot.name}:{column.name} of the evaluation"):
                cells = [
                    column.make(np.asarray(cell), None if pictures is None else np.asarray(pictures[i]))
                    for i, cell in enumerate(slot.cells)
                ]
                table.add_column(f"{slot.name}:{column.name}", cells)

    def _log_results(self) -> None:
        source = self._source()
        if source is None:
            return
        parts = [(batch, predict(self._model, batch.x)) for batch in self._batches(source)]
        table = results_table(
            parts, self._options.labels, self._options.class_colors, lambda text: notice(self._run, text)
        )
        if table is not None:
            self._run.summary["results"] = table


def _extend(slots: list[_Slot], structure: Structure, default: str, names: Sequence[str] | None) -> None:
    """Appends the rows of a batch to one slot per array."""
    if structure is None:
        return
    if isinstance(structure, dict):
        parts = dict(structure)
    elif isinstance(structure, list | tuple):
        given = names if names is not None and len(names) == len(structure) else None
        keys = given or [f"{default}_{i}" for i in range(len(structure))]
        parts = dict(zip(keys, structure, strict=True)) if len(structure) > 1 else {default: structure[0]}
    else:
        parts = {default: structure}
    if not slots:
        slots.extend(_Slot(str(name)) for name in parts)
    for slot, array in zip(slots, parts.values(), strict=True):
        slot.cells.extend(_cell(value) for value in array)


def _cell(value: Any) -> Any:
    """One row of an array: a copy for tables that outlive the batch, a Python number for scalars."""
    return value.item() if isinstance(value, np.generic) else np.array(value)


def _checked(columns: Any, name: str) -> dict[str | int, Any]:
    if not isinstance(columns, dict):
        raise TypeError(f"`{name}` must return a dict of new columns. Received: {type(columns).__name__}.")
    return columns
