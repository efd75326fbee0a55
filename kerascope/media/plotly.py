"""Plotly: a figure of the plotly package, kept as its JSON. The package itself is never imported here."""

from __future__ import annotations

from typing import Any, ClassVar

from kerascope.errors import WrongTypeError
from kerascope.media.files import FileMedia


class Plotly(FileMedia):
    """An interactive plotly figure.

    Args:
        figure: anything whose `to_json()` returns plotly's JSON text (a `plotly.graph_objects.Figure`), or that JSON as text.
        caption: text below it.

    Raises:
        WrongTypeError: if it is something else.
    """

    kind: ClassVar[str] = "plotly-file"
    folder: ClassVar[str] = "plotly"

    def __init__(self, figure: Any, caption: str | None = None) -> None:
        text = figure.to_json() if hasattr(figure, "to_json") else figure
        if not isinstance(text, str):
            raise WrongTypeError(f"Plotly needs a plotly figure or its JSON text. Received: {type(figure).__name__}.")
        super().__init__(text.encode(), "plotly.json", caption)
