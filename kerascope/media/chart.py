"""Chart: a table and how to draw it. Made by `kerascope.plot`.

Logged under `key`, it is stored as the history value `key` (`_type` `chart`, the spec with a reference to the table) and as the table
`<key>_table`, which can be queried like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.media.base import Media, Value, check_text
from kerascope.media.table import Table
from kerascope.media.table_input import Column

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore

KINDS = ("line", "scatter", "bar", "histogram", "line_series", "confusion_matrix", "pr_curve", "roc_curve", "custom")


class Chart(Media):
    """A table and how to draw it.

    Args:
        chart: one of `KINDS`.
        table: the data.
        fields: what of the drawing comes from which column, such as {"x": "step", "y": "loss"}.
        title: above the chart.
        strings: further texts of the drawing, such as axis names.

    Raises:
        WrongValueError: if the kind is unknown or a field names no column.
        WrongTypeError: if `table` is no Table.
    """

    kind: ClassVar[str] = "chart"

    def __init__(
        self,
        chart: str,
        table: Table,
        fields: Mapping[str, Column],
        title: str | None = None,
        strings: Mapping[str, str] | None = None,
    ) -> None:
        if chart not in KINDS:
            raise WrongValueError(f"`chart` must be one of {', '.join(KINDS)}. Received: chart={chart!r}.")
        if not isinstance(table, Table):
            raise WrongTypeError(
                f"A chart needs a Table. Received: {type(table).__name__}. Write Table(columns=[...], data=[...])."
            )
        for name, column in fields.items():
            if column not in table.columns:
                raise WrongValueError(
                    f"`{name}` must be a column of the table. Received: {name}={column!r}; it has {table.columns}."
                )
        self.chart, self.table, self.fields = chart, table, dict(fields)
        self.title = check_text("title", title)
        self.strings = dict(strings or {})

    @property
    def size_bytes(self) -> int:
        """Memory held by the table."""
        return self.table.size_bytes

    def freeze(self) -> None:
        """Keeps the table as it is now."""
        self.table.freeze()

    def expand(self, key: str) -> dict[str, Media]:
        """Returns the chart under `key` and its table under `<key>_table`."""
        return {key: self, f"{key}_table": self.table}

    def to_value(self, blobs: BlobStore, key: str, step: int | None) -> dict[str, Value]:
        """Returns the `chart` map and writes the table."""
        title = {} if self.title is None else {"title": self.title}
        return {
            "_type": self.kind,
            "chart": self.chart,
            **title,
            "fields": self.fields,
            "strings": self.strings,
            "table": self.table.to_value(blobs, f"{key}_table" if key else "", step),
        }

    @classmethod
    def from_value(cls, value: dict[str, Value], blobs: BlobStore) -> Chart:
        """Returns the chart that `to_value` made `value` of."""
        table = Table.from_value(value["table"], blobs)
        return cls(value["chart"], table, value["fields"], value.get("title"), value.get("strings"))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Chart):
            return NotImplemented
        mine = (self.chart, self.fields, self.title, self.strings, self.table)
        return mine == (other.chart, other.fields, other.title, other.strings, other.table)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Chart({self.chart!r}, {self.table!r})"
