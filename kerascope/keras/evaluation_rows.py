"""An evaluation table that grows batch by batch, computed columns included, in bounded memory.

Pictures are stored and arrays put into a file as soon as their rows are complete; what stays in memory are numbers and texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerascope.keras.batches import Structure
from kerascope.keras.columns import ClassNames, Column, infer_columns
from kerascope.keras.notices import guarded
from kerascope.media.base import Media, store_ahead
from kerascope.media.table import Table
from kerascope.tracking.run import Run

Array = np.ndarray[Any, Any]
Processor = Callable[[Any, dict[str, Any]], Any]
LINK = "val_row"


@dataclass(frozen=True)
class Slot:
    """Some rows of one input, target or output, under the name of its column."""

    name: str
    rows: Array
    classes: ClassNames | None
    is_output: bool = False


class TableRows:
    """Builds one table.

    Args:
        run: told of what fails; its store takes the pictures.
        processor: the user's function of (row link, row), or None; with its name for messages.
        infers: whether to choose columns where there is no processor.
    """

    def __init__(self, run: Run, processor: tuple[str, Processor | None], infers: bool) -> None:
        self._run = run
        self._processor_name, self._processor = processor
        self._infers = infers and self._processor is None
        self._table: Table | None = None
        self._inferred: list[tuple[int, str, Column]] = []  # which slot, name, how
        self._computed: dict[str | int, list[Any]] = {}

    def add(self, slots: Sequence[Slot], picture: Array | None, links: Sequence[Any] | None = None) -> None:
        """Adds the rows of a batch.

        Args:
            slots: the same columns in every batch.
            picture: the inputs of the batch if the model has one input, to lay masks over.
            links: what stands in column `val_row`, if there is one.
        """
        if self._table is None:
            self._table = Table(columns=[*(slot.name for slot in slots), *([] if links is None else [LINK])])
            if self._infers:
                self._inferred = _inferred(slots, picture)
        start = len(self._table.data)
        columns: list[Any] = [*(slot.rows for slot in slots), *([] if links is None else [links])]
        for row in zip(*columns, strict=True):
            self._table.add_data(*(_cell(value) for value in row))
        if self._processor is not None:
            self._process(self._table, self._processor, start)
        for item in list(self._inferred):
            self._infer(item, slots, picture)
        self._offload(self._table, start)

    def finish(self) -> Table | None:
        """Returns the table with its computed columns; None if there was no row."""
        table = self._table
        if table is not None:
            for name, cells in self._computed.items():
                with guarded(self._run, f"column {name} of the evaluation"):
                    table.add_column(name, cells)
        return table

    def _process(self, table: Table, processor: Processor, start: int) -> None:
        """Collects the columns of a user's function; if it fails, the table goes on without them."""
        is_whole = False
        with guarded(self._run, f"{self._processor_name} (its columns are left out)"):
            for index in range(start, len(table.data)):
                link = table.index_ref(index)
                columns = processor(link, link.get_row())
                if not isinstance(columns, dict):
                    raise TypeError(
                        f"`{self._processor_name}` must return a dict of new columns. Received: {type(columns).__name__}."
                    )
                for name in columns:
                    self._computed.setdefault(name, [None] * index)
                for name, cells in self._computed.items():
                    cells.append(columns.get(name))
            is_whole = True
        if not is_whole:
            self._processor = None
            self._computed.clear()

    def _infer(self, item: tuple[int, str, Column], slots: Sequence[Slot], picture: Array | None) -> None:
        at, name, column = item
        is_whole = False
        with guarded(self._run, f"column {name} of the evaluation"):
            below = [None] * len(slots[at].rows) if picture is None else picture
            cells = [column.make(np.asarray(v), x) for v, x in zip(slots[at].rows, below, strict=True)]
            self._computed.setdefault(name, []).extend(cells)
            is_whole = True
        if not is_whole:
            self._inferred.remove(item)
            self._computed.pop(name, None)

    def _offload(self, table: Table, start: int) -> None:
        blobs = blobs_of(self._run)
        if blobs is None:
            return
        cells = (cell for column in self._computed.values() for cell in column[start:])
        store_ahead((cell for cell in cells if isinstance(cell, Media)), blobs)
        table.offload(blobs)


def blobs_of(run: Run) -> Any:
    """Returns the store that takes the pictures of `run`; None if it keeps none."""
    return run._blobs if run._history.keeps_media and not run.disabled else None


def named_arrays(structure: Structure, default: str, names: Sequence[str] | None) -> dict[str, Array]:
    """Returns the arrays of a batch by column name: the keys of a dict, the model's names for a list, `default` for one array."""
    if structure is None:
        return {}
    if isinstance(structure, dict):
        return {str(name): array for name, array in structure.items()}
    if not isinstance(structure, list | tuple):
        return {default: structure}
    if len(structure) == 1:
        return {default: structure[0]}
    given = names if names is not None and len(names) == len(structure) else None
    return dict(zip(given or [f"{default}_{i}" for i in range(len(structure))], structure, strict=True))


def _inferred(slots: Sequence[Slot], picture: Array | None) -> list[tuple[int, str, Column]]:
    found = []
    # Columns of inputs, which have no classes, come first.
    for at, slot in sorted(enumerate(slots), key=lambda numbered: numbered[1].classes is not None):
        below = None if picture is None else np.asarray(picture[0])
        columns = infer_columns(np.asarray(slot.rows[0]), slot.classes, below, slot.is_output)
        found += [(at, f"{slot.name}:{column.name}", column) for column in columns]
    return found


def _cell(value: Any) -> Any:
    """One row of an array: a Python number for scalars. The table copies arrays."""
    return value.item() if isinstance(value, np.generic) else value
