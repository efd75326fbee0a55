"""Html: a page or a part of one. It is shown sandboxed: its scripts run, but see neither the dashboard nor the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from kerascope.errors import WrongTypeError
from kerascope.media.base import read_file
from kerascope.media.files import FileMedia


class Html(FileMedia):
    """A page.

    Args:
        data: HTML text; the path of an `.html` file; or an open text file.
        inject: True adds a plain style to pages without one, so that they look like the dashboard.
        data_is_not_path: True: text is never taken for a path.
        caption: text below it.

    Raises:
        WrongTypeError: if it is something else.
    """

    kind: ClassVar[str] = "html-file"
    folder: ClassVar[str] = "html"

    def __init__(
        self, data: Any, inject: bool = True, data_is_not_path: bool = False, caption: str | None = None
    ) -> None:
        text = _read(data, data_is_not_path)
        if inject and "<style" not in text.lower() and "stylesheet" not in text.lower():
            text = "<style>body{font-family:system-ui,sans-serif;margin:8px}</style>\n" + text
        super().__init__(text.encode("utf-8", "replace"), "html", caption)


def _read(data: Any, data_is_not_path: bool) -> str:
    if isinstance(data, Path) or (isinstance(data, str) and not data_is_not_path and _looks_like_path(data)):
        return read_file(data).decode("utf-8", "replace")
    if isinstance(data, str):
        return data
    if hasattr(data, "read"):
        content = data.read()
        return content.decode("utf-8", "replace") if isinstance(content, bytes) else str(content)
    raise WrongTypeError(f"Html needs text, a path or an open file. Received: {type(data).__name__}.")


def _looks_like_path(text: str) -> bool:
    return len(text) < 4096 and "<" not in text and "\n" not in text and text.lower().endswith((".html", ".htm"))
