"""Plotly: a figure of the plotly package, kept as its JSON. The package itself is never imported here."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.media.files import FileMedia


class Plotly(FileMedia):
    """An interactive plotly figure.

    Args:
        figure: anything whose `to_json()` returns plotly's JSON text (a `plotly.graph_objects.Figure`), or that JSON as text.
        caption: text below it.

    Raises:
        WrongTypeError: if it is something else.
        WrongValueError: if the text is not a JSON object.
    """

    kind: ClassVar[str] = "plotly-file"
    folder: ClassVar[str] = "plotly"

    def __init__(self, figure: Any, caption: str | None = None) -> None:
        text = figure.to_json() if hasattr(figure, "to_json") else figure
        if not isinstance(text, str):
            raise WrongTypeError(f"Plotly needs a plotly figure or its JSON text. Received: {type(figure).__name__}.")
        try:
            msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        except msgspec.DecodeError as error:
            raise WrongValueError(
                f"The text of a Plotly value must be the JSON of one figure. Received: {text[:60]!r} ({error}). "
                "Pass the figure itself, or what its `to_json()` returns."
            ) from error
        super().__init__(text.encode(), "plotly.json", caption)
